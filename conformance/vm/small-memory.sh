#!/bin/sh
# How little memory a container needs to come to life: the smallest power of two under which each runtime runs /bin/true,
# and what a created container holds while it waits. runt may need no more than crun.
. ./common.sh

own=$RUNTIME
crun=/usr/bin/crun runc=/usr/bin/runc
patience=60

# runs TRIES: all of them succeed. The kernel charges in batches for each processor, so that near the bound luck decides.
runs() {
  tries=$1
  while [ "$tries" -gt 0 ]; do
    run
    if [ "$status" != 0 ]; then
      # A create that the kernel killed half-way may leave something: not this script's subject.
      delete
      [ ! -d "$cgroups$group/c" ] || rmdir "$cgroups$group/c"
      return 1
    fi
    tries=$((tries - 1))
  done
}

# smallest RUNTIME FIRST TRIES: in KiB, FIRST and its doubles
smallest() {
  RUNTIME=$1 size=$2
  while [ "$size" -le 65536 ]; do
    limits "{memory: {limit: $((size * 1024)), swap: $((size * 1024))}}" '.process.args = ["true"]'
    if runs "$3"; then echo "$size"; break; fi
    size=$((size * 2))
  done
  RUNTIME=$own
}

# waiting RUNTIME: what a created container holds, in KiB
waiting() {
  RUNTIME=$1
  # A limit, so that memory is counted.
  limits '{memory: {limit: 268435456}}'
  runtime create --bundle "$bundle" --pid-file "$work/pid" c
  # runc answers before its process has come to rest.
  sleep 1
  pss=$(awk '/^Pss(_Anon|_File)?:/ {print $2}' "/proc/$(cat "$work/pid")/smaps_rollup")
  echo $pss $(($(value memory.current) / 1024)) $(($(value memory.peak) / 1024))
  delete
  RUNTIME=$own
}

needed_own=$(smallest "$own" 128 4) needed_crun=$(smallest $crun 128 4) needed_runc=$(smallest $runc 2048 1)
echo "# smallest memory.max that runs /bin/true, KiB: ${own##*/} $needed_own, crun $needed_crun, runc $needed_runc"
[ "${needed_own:-99999999}" -le "${needed_crun:-0}" ]
check "starts under a memory.max as small as crun's" 0 $?

held_own=$(waiting "$own") held_crun=$(waiting $crun) held_runc=$(waiting $runc)
echo "# a created container, KiB (PSS, of it its own, of it of files, cgroup now, peak): ${own##*/} $held_own; crun $held_crun; runc $held_runc"
[ "${held_own%% *}" -le "${held_crun%% *}" ]
check "a created container holds no more than crun's (PSS)" 0 $?
finish
