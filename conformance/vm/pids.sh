#!/bin/sh
# The number of processes, where zero is a number. [spec config-linux.md#pids]
. ./common.sh

holds 'limit' '{pids: {limit: 32}}' pids.max 32
holds 'no limit' '{pids: {limit: -1}, memory: {reservation: 4096}}' pids.max unlimited memory.low 4096
if $is_runt; then
  # The peers write 1, or nothing.
  # [shows config-linux.md#pids/1]
  holds 'zero' '{pids: {limit: 0}}' pids.max 0
fi

# The container's first process is already there: it runs, and cannot have another.
limits '{pids: {limit: 0}}' '.process.args = ["sh", "-c", "echo first; (echo second); echo third"]'
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

if $is_runt; then
  # A process that exec starts counts, and so may be one too many: an error as any other.
  limits '{pids: {limit: 1}}'
  create
  created 'full'
  runtime start c
  runtime exec c true
  check 'exec into a full container: status' 255 "$status"
  check_match 'exec into a full container: text' '*pids*' "$error"
  check 'exec into a full container: one line' 1 "$(wc -l < "$work/stderr")"
  check 'exec into a full container: it lives on' 1 "$(value pids.current)"
  delete
fi
finish
