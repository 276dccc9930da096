#!/bin/sh
# `run` under limits that are too low to live: whatever the kernel kills, the runtime itself lives to say so, with one line,
# and leaves nothing. [man cgroups.7 memory.max]
. ./common.sh

for size in 16 64 128 256 512 1024 2048; do
  limits "{memory: {limit: $((size * 1024)), swap: $((size * 1024))}}" '.process.args = ["true"]'
  for try in 1 2 3; do
    run
    echo "# $size KiB, try $try: status $status, $error"
    [ "$status" = 0 ] || check_match "$size KiB, try $try: a reason is given" '*[Mm]emory*' "$error"
    check "$size KiB, try $try: nothing left" '' "$(left)"
    delete
    [ ! -d "$cgroups$group/c" ] || rmdir "$cgroups$group/c"
  done
done

# The program outgrows the limit.
limits "{memory: {limit: 8388608, swap: 8388608}}" '.process.args = ["sh", "-c", "x=aaaaaaaaaaaaaaaa; while true; do x=$x$x; done"]'
run
check 'a program that outgrows the limit: status' 137 "$status"
check_match 'a program that outgrows the limit: a reason is given' '*OOM-killed*' "$error"
finish
