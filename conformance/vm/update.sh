#!/bin/sh
# update: limits of a running container, in the files and in effect; the order, the refusals, and that a refusal changes nothing.
# [spec config-linux.md#control-groups] [man cgroups.7]
. ./common.sh

disk=$(cat /sys/block/vda/dev)
major=${disk%:*} minor=${disk#*:}

# start RESOURCES: a container that sleeps
start() {
  limits "$1"
  create
  created "${2-start}"
  runtime start c
}

# changed NAME FLAGS [FILE EXPECTED]...: update with these flags gives these values
changed() {
  title=$1
  # shellcheck disable=SC2086
  runtime update $2 c
  check "$title: status" 0 "$status"
  [ "$status" = 0 ] || echo "    $error"
  shift 2
  while [ $# -gt 0 ]; do
    check "$title: $1" "$2" "$(value "$1")"
    shift 2
  done
}

# file JSON: what update -r reads
file() { echo "$1" > "$work/resources.json"; }

everything() { for f in memory.max memory.low memory.swap.max pids.max cpu.weight cpu.max cpu.max.burst cpuset.cpus io.max; do echo "$f $(value $f)"; done; }

start '{}' 'no limits at first'
changed 'memory of a container without limits' '--memory 64m' memory.max 67108864
changed 'swap' '--memory-swap 96m' memory.swap.max 33554432
changed 'memory, the swap of before' '--memory 80m' memory.max 83886080 memory.swap.max 16777216
changed 'both at once' '--memory 40m --memory-swap 120m' memory.max 41943040 memory.swap.max 83886080
changed 'both lower' '--memory 33m --memory-swap 34m' memory.max 34603008 memory.swap.max 1048576
changed 'reservation' '--memory-reservation 16m' memory.low 16777216
changed 'pids' '--pids-limit 20' pids.max 20
changed 'shares' '--cpu-share 512' cpu.weight 59
changed 'quota' '--cpu-quota 50000' cpu.max '50000 100000'
changed 'period, the quota of before' '--cpu-period 50000' cpu.max '50000 50000'
if $is_runt; then
  changed 'burst' '--cpu-burst 20000' cpu.max.burst 20000
  changed 'quota and burst lower' '--cpu-quota 10000 --cpu-burst 5000' cpu.max '10000 50000' cpu.max.burst 5000
  changed 'quota and burst higher' '--cpu-quota 40000 --cpu-burst 40000' cpu.max '40000 50000' cpu.max.burst 40000
fi
changed 'processors' '--cpuset-cpus 1' cpuset.cpus 1
changed 'memory nodes' '--cpuset-mems 0' cpuset.mems 0
changed 'nothing' '' memory.max 34603008 pids.max 20
changed 'zero is nothing' '--memory 0 --cpu-share 0' memory.max 34603008 cpu.weight 59
if $is_runt; then
  changed 'idle' '--cpu-idle 1' cpu.idle 1
  changed 'idle, and another weight' '--cpu-idle 1 --cpu-share 2' cpu.idle 1
  changed 'not idle, and a weight' '--cpu-idle 0 --cpu-share 2048' cpu.idle 0 cpu.weight 174
fi
changed 'everything off' '--memory -1 --pids-limit -1 --cpu-quota -1' memory.max max memory.swap.max max pids.max max
check_match 'everything off: cpu.max' 'max *' "$(value cpu.max)"

file "{\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": $major, \"minor\": $minor, \"rate\": 1048576}]}, \"pids\": {\"limit\": 30},
  \"unified\": {\"memory.high\": \"50331648\"}, \"devices\": [{\"allow\": true, \"access\": \"rwm\"}]}"
changed 'a file' "-r $work/resources.json" pids.max 30 io.max "$disk rbps=1048576 wbps=max riops=max wiops=max" memory.high 50331648
file "{\"blockIO\": {\"throttleWriteIOPSDevice\": [{\"major\": $major, \"minor\": $minor, \"rate\": 7}]}}"
changed 'another file' "-r $work/resources.json" io.max "$disk rbps=1048576 wbps=max riops=max wiops=7"
echo '{"pids": {"limit": 31}}' > "$work/in"
timeout $patience "$RUNTIME" --root "$root" update -r - c < "$work/in"
check 'standard input: status' 0 $?
check 'standard input' 31 "$(value pids.max)"
if $is_runt; then
  changed 'no process more' '--pids-limit 0' pids.max 0
  runtime exec c true
  check_match 'no process more: exec says so' '*pids*' "$error"
  changed 'one more' '--pids-limit 5' pids.max 5
  runtime exec c true
  check 'one more: exec' 0 "$status"

  # A refusal in the last step: everything before it is taken back.
  changed 'before the refusals' '--memory 64m --memory-swap 64m --cpu-quota 20000 --cpu-period 100000 --cpu-burst 0' memory.max 67108864
  before=$(everything)
  refuses() {
    title=$1
    shift
    runtime update "$@" c
    check "$title: status" 1 "$status"
    check "$title: one line" 1 "$(wc -l < "$work/stderr")"
    echo "    $error"
    check "$title: nothing has changed" "$before" "$(everything)"
  }
  refuses 'a processor that is not there' --memory 70m --memory-swap 80m --pids-limit 9 --cpu-share 5 --cpu-quota 9000 --cpuset-cpus 77
  check_match 'a processor that is not there: text' '*--cpuset-cpus*EINVAL*' "$error$(echo "$error" | grep -o ERANGE | sed 's/.*/ EINVAL/')"
  refuses 'a quota of one microsecond' --pids-limit 9 --cpu-quota 1
  refuses 'swap below memory' --memory-swap 32m
  check_match 'swap below memory: text' '*--memory-swap: memory+swap limit should be >= memory limit*' "$error"
  refuses 'kernel memory' --kernel-memory 1m
  file "{\"pids\": {\"limit\": 9}, \"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": $major, \"minor\": $minor, \"rate\": 5}]}, \"unified\": {\"memory.frob\": \"1\"}}"
  refuses 'a file that is not there' -r "$work/resources.json"
  check_match 'a file that is not there: text' '*/unified/memory.frob*ENOENT*' "$error"
  file '{"memory": {"limit": "64m"}}'
  refuses 'a text for a number' -r "$work/resources.json"
  check_match 'a text for a number: place' '*resources.json:1:22: /memory/limit*' "$error"
  file '{"memory": {"limit": 4096, "swap": 4096, "checkBeforeUpdate": true}}'
  # [shows config-linux.md#memory/1]
  refuses 'checkBeforeUpdate' -r "$work/resources.json"
  check_match 'checkBeforeUpdate: text' '*rejecting memory*limit 4096 <= usage*' "$error"
fi
delete
runtime update --memory 64m c
check_match 'update of nothing' '*does not exist*' "$error"
check 'nothing left' '' "$(left)"

# What is saved is what later updates build on, and exec starts from.
start '{memory: {limit: 67108864, swap: 134217728}, cpu: {period: 50000}}' saved
changed 'saved: swap follows memory' '--memory 100m' memory.swap.max 29360128
changed 'saved: the period of create' '--cpu-quota 25000' cpu.max '25000 50000'
runtime pause c
changed 'of a paused container' '--pids-limit 12' pids.max 12
runtime resume c
delete
limits '{}'
create
changed 'of a created container' '--pids-limit 12' pids.max 12
delete

# In effect: a process that needs more than it may have.
start '{memory: {limit: 134217728, swap: 134217728}}' 'in effect'
runtime exec c dd if=/dev/zero of=/dev/null bs=64M count=1
check 'in effect: enough before' 0 "$status"
changed 'in effect' '--memory 32m --memory-swap 32m' memory.max 33554432
runtime exec c dd if=/dev/zero of=/dev/null bs=64M count=1
check 'in effect: killed after' 137 "$status"
delete
check 'in effect: nothing left' '' "$(left)"
finish
