#!/bin/sh
# The number of processes, where zero is a number. [spec config-linux.md#pids]
. ./common.sh

holds 'limit' '{pids: {limit: 32}}' pids.max 32
holds 'no limit' '{pids: {limit: -1}, memory: {reservation: 4096}}' pids.max unlimited memory.low 4096
if $is_runt; then
  # The peers write 1, or nothing.
  holds 'zero' '{pids: {limit: 0}}' pids.max 0
fi

# The container's first process is already there: it runs, and cannot have another.
limits '{pids: {limit: 0}}' '.process.args = ["sh", "-c", "echo first; (echo second)"]'
run
check 'zero: the first process runs alone' first "$output"
check 'zero: nothing left' '' "$(left)"

limits '{pids: {limit: 8}}' '.process.args = ["sh", "-c", "bomb() { bomb | bomb & }; bomb; sleep 1000"]'
create
created 'fork bomb'
runtime start c
hit() { value pids.events | grep -q '^max [1-9]'; }
until_true hit
check 'a fork bomb meets the limit' 0 $?
check_match 'a fork bomb: at most 8 processes' '[1-8]' "$(value pids.current)"
delete
check 'a fork bomb: deleted' 0 "$status"
check 'a fork bomb: nothing left' '' "$(left)"
finish
