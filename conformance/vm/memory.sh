#!/bin/sh
# Memory: limit, reservation, swap; the formulas, the refusals, and that a limit kills. [spec config-linux.md#memory]
. ./common.sh

holds 'limit, reservation, swap' '{memory: {limit: 67108864, reservation: 33554432, swap: 100663296}}' \
  memory.max 67108864 memory.low 33554432 memory.swap.max 33554432
holds 'no limit' '{memory: {limit: -1}, pids: {limit: 9}}' \
  memory.max unlimited memory.swap.max unlimited pids.max 9
holds 'limit without end, another limit with one' '{memory: {limit: -1, reservation: 4096}}' \
  memory.max max memory.swap.max max memory.low 4096
holds 'no swap' '{memory: {limit: 67108864, swap: 67108864}}' memory.max 67108864 memory.swap.max 0
holds 'swap without end' '{memory: {limit: 67108864, swap: -1}}' memory.max 67108864 memory.swap.max max
holds 'zero is no limit' '{memory: {limit: 0, swap: 0, reservation: 0}, pids: {limit: 9}}' pids.max 9
holds 'checkBeforeUpdate' '{memory: {limit: 67108864, checkBeforeUpdate: true}}' memory.max 67108864

holds 'rounded down to a page' '{memory: {limit: 67108865, reservation: 4097}}' memory.max 67108864 memory.low 4096
holds 'beyond what the kernel counts' '{memory: {limit: 9223372036854771712}}' memory.max max

refused 'swap without memory' '{memory: {swap: 67108864}}' /linux/resources/memory/swap 'unable to set swap limit without memory limit'
refused 'swap below memory' '{memory: {limit: 67108864, swap: 33554432}}' /linux/resources/memory/swap 'memory+swap limit should be >= memory limit'
if $is_runt; then
  # What only cgroup v1 had: runc ignores it.
  # [shows config-linux.md#example-13/1]
  refused 'kernel memory' '{memory: {kernel: 33554432}}' /linux/resources/memory/kernel
  refused 'swappiness' '{memory: {swappiness: 10}}' /linux/resources/memory/swappiness
  refused 'disableOOMKiller' '{memory: {disableOOMKiller: true}}' /linux/resources/memory/disableOOMKiller
fi

refused 'a limit under which nothing lives' '{memory: {limit: 4096, swap: 4096}}' memory

# One buffer of twice the limit, touched.
limits '{memory: {limit: 33554432, swap: 33554432}}' '.process.args = ["dd", "if=/dev/zero", "of=/dev/null", "bs=64M", "count=1"]'
run
check 'more than the limit is killed: status' 137 "$status"
check 'more than the limit is killed: nothing left' '' "$(left)"

limits '{memory: {limit: 33554432, swap: 33554432}}'
create
created 'exec'
runtime start c
runtime exec c dd if=/dev/zero of=/dev/null bs=64M count=1
check 'exec of more than the limit is killed: status' 137 "$status"
check 'exec of more than the limit is killed: the container lives' 1 "$(value cgroup.procs | wc -l)"
delete
check 'exec of more than the limit is killed: nothing left' '' "$(left)"
finish
