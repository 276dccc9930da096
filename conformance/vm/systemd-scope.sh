#!/bin/sh
# Cgroups made by systemd, PID 1: where the container is, what systemd knows of it, what the kernel has in the cgroup's files,
# that every command finds it, that the unit goes; and that runc, with the same config, asks systemd for the same.
# [spec config-linux.md#cgroups-path] [man systemd.scope.5]
. ./common.sh

slice=vm-systemd.slice
unit=runt-c.scope
# vm-systemd.slice lies in vm.slice
group=/vm.slice/vm-systemd.slice
path="$cgroups$group/$unit"
# What both runtimes must make of a config.
compared='Slice ControlGroup Delegate MemoryMax MemoryLow MemoryHigh MemorySwapMax CPUWeight CPUQuotaPerSecUSec
  CPUQuotaPeriodUSec TasksMax AllowedCPUs AllowedMemoryNodes DevicePolicy DeviceAllow MemoryAccounting IOAccounting
  TasksAccounting DefaultDependencies OOMPolicy KillSignal TimeoutStopUSec CollectMode After'
shown=$(for each in $compared; do printf ' -p %s' "$each"; done)

state_of() { systemctl show -P LoadState "$1"; }
# shellcheck disable=SC2086
show() { systemctl show $shown "$unit" | sort; }
is_gone() { [ "$(state_of "$unit")" = not-found ]; }
file() { if [ -e "$path/$1" ]; then cat "$path/$1"; else echo absent; fi; }
left() {
  [ ! -e "$root/c" ] || echo "state $root/c"
  [ ! -e "$path" ] || echo "cgroup $path"
  [ "$(state_of "$unit")" = not-found ] || echo "unit $unit"
}
with() { configure ".linux.cgroupsPath = \"$slice:runt:c\" | .linux.resources += ($1) | ${2-.}"; }
create() { runtime --systemd-cgroup create --bundle "$bundle" --pid-file "$work/pid" "${1-c}"; }
delete() { runtime --systemd-cgroup delete --force "${1-c}"; }

# same NAME RESOURCES [FILTER]: as runc
same() {
  with "$2" "${3-.}"
  create
  created "$1"
  show > "$work/ours"
  delete
  check "$1: nothing left" '' "$(left)"
  if $is_runt && timeout $patience runc --root "$root-runc" --systemd-cgroup create --bundle "$bundle" c > "$work/runc.log" 2>&1 < /dev/null; then
    show > "$work/runcs"
    check "$1: systemd knows the same as with runc" '' "$(diff "$work/runcs" "$work/ours")"
  else
    ! $is_runt || fail "$1: runc" "$(cat "$work/runc.log")"
  fi
  timeout $patience runc --root "$root-runc" --systemd-cgroup delete --force c > /dev/null 2>&1
}

# A whole life.
with '{memory: {limit: 67108864, reservation: 33554432, swap: 100663296}, cpu: {shares: 512, quota: 50000, period: 100000},
  pids: {limit: 50}}'
create
created life
pid=$(cat "$work/pid")
check 'unit' active "$(systemctl is-active "$unit")"
check 'cgroup' "0::$group/$unit" "$(cat "/proc/$pid/cgroup")"
check 'memory.max' 67108864 "$(file memory.max)"
check 'memory.low' 33554432 "$(file memory.low)"
check 'memory.swap.max' 33554432 "$(file memory.swap.max)"
check 'cpu.weight' 59 "$(file cpu.weight)"
check 'cpu.max' '50000 100000' "$(file cpu.max)"
check 'pids.max' 50 "$(file pids.max)"
systemctl daemon-reload
check 'memory.max after daemon-reload' 67108864 "$(file memory.max)"
check 'pids.max after daemon-reload' 50 "$(file pids.max)"
runtime --systemd-cgroup start c
check 'start' 0 "$status"
runtime --systemd-cgroup state c
check 'state' running "$(jq -r .status < "$work/stdout")"
runtime --systemd-cgroup list
check_match 'list' '*running*' "$(cat "$work/stdout")"
runtime --systemd-cgroup exec --detach --pid-file "$work/exec-pid" c sleep 1000
check 'exec' 0 "$status"
check 'exec: cgroup' "0::$group/$unit" "$(cat "/proc/$(cat "$work/exec-pid")/cgroup")"
runtime exec c cat /proc/self/cgroup
check 'exec: from inside, without the flag' 0::/ "$(cat "$work/stdout")"
runtime exec c sh -c 'echo x > /dev/null && cat /dev/zero | head -c 1 | wc -c' 2> /dev/null
runtime --systemd-cgroup kill c KILL
check 'kill' 0 "$status"
is_stopped() { "$RUNTIME" --root "$root" state c | grep -q '"stopped"'; }
until_true is_stopped
runtime --systemd-cgroup delete c
check 'delete' 0 "$status"
check 'delete: nothing left' '' "$(left)"

# run in the foreground, the program's end takes the scope along
with '{pids: {limit: 50}}' '.process.args = ["cat", "/proc/self/cgroup"]'
runtime --systemd-cgroup run --bundle "$bundle" c
check 'run' "0 0::/" "$status $(cat "$work/stdout")"
check 'run: nothing left' '' "$(left)"
with '{pids: {limit: 0}}' '.process.args = ["true"]'
runtime --systemd-cgroup run --bundle "$bundle" c
check 'run with pids.limit 0' 0 "$status"
check 'run with pids.limit 0: nothing left' '' "$(left)"

# defaults
configure 'del(.linux.cgroupsPath)'
create
created default
check 'default path' '0::/system.slice/runc-c.scope' "$(cat "/proc/$(cat "$work/pid")/cgroup")"
delete
check 'default path: gone' not-found "$(state_of runc-c.scope)"

# as runc
same 'no limits' '{}'
same 'memory, cpu, pids' '{memory: {limit: 67108864, reservation: 33554432, swap: 100663296},
  cpu: {shares: 512, quota: 50000, period: 100000}, pids: {limit: 50}}'
same 'unlimited' '{memory: {limit: -1}, pids: {limit: -1}, cpu: {quota: -1, period: 50000}}'
same 'fraction of a cpu' '{cpu: {quota: 12345, period: 100000}}'
same 'cpuset' '{cpu: {cpus: "0-1", mems: "0"}}'
same 'idle' '{cpu: {idle: 1}}'
same 'unified' '{unified: {"memory.high": "50331648", "memory.max": "67108864", "cpu.weight": "300",
  "pids.max": "33", "cpu.max": "20000 100000", "cpuset.cpus": "1"}}'
same 'devices' '{devices: [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 10, minor: 229, access: "rwm"},
  {allow: true, type: "b", major: 8, access: "r"}, {allow: true, type: "c", major: 10, minor: 229, access: "rw"}]}'
same 'all devices' '{devices: [{allow: true, access: "rwm"}]}'
same 'annotations' '{}' '.annotations = {"org.systemd.property.TimeoutStopSec": "7", "org.systemd.property.KillSignal": "int32 37",
  "org.systemd.property.CollectMode": "\u0027inactive-or-failed\u0027", "org.systemd.property.After": "[\u0027dbus.service\u0027]"}'

# runc 1.3 writes the weight to an idle cgroup, which the kernel refuses.
with '{cpu: {idle: 1, shares: 512}}'
create
created 'idle and shares'
check 'idle and shares' 1 "$(file cpu.idle)"
delete
# systemd's own policy must not contradict the kernel's group; runc knows it since 1.4.
with '{unified: {"memory.oom.group": "1"}}'
create
created 'oom group'
check 'oom group: policy' kill "$(systemctl show -P OOMPolicy $unit)"
delete

# files that systemd has no property for
with '{hugepageLimits: [{pageSize: "2MB", limit: 4194304}], unified: {"memory.oom.group": "1", "cgroup.max.depth": "3"}}'
create
created 'files'
check 'hugetlb' 4194304 "$(file hugetlb.2MB.max)"
check 'cgroup.max.depth' 3 "$(file cgroup.max.depth)"
check 'memory.oom.group' 1 "$(file memory.oom.group)"
delete
check 'files: nothing left' '' "$(left)"

# OOM: the scope fails, and is forgotten all the same
with '{memory: {limit: 8388608, swap: 8388608}}' '.process.args = ["dd", "if=/dev/zero", "of=/dev/null", "bs=64M", "count=1"]'
runtime --systemd-cgroup run --bundle "$bundle" c
check 'OOM: status' 137 "$status"
check 'OOM: nothing left' '' "$(left)"

# update: systemd is told, so that the limits stay
with '{memory: {limit: 67108864}, pids: {limit: 50}, cpu: {shares: 512}}'
create
created 'update'
runtime --systemd-cgroup update --memory 50331648 --pids-limit 20 --cpu-quota 12345 --cpu-period 100000 --cpuset-cpus 1 c
check 'update: status' 0 "$status"
[ "$status" = 0 ] || echo "    $error"
after='50331648 20 13000 100000 1 59'
limits_now() { echo "$(file memory.max) $(file pids.max) $(file cpu.max) $(file cpuset.cpus) $(file cpu.weight)"; }
check 'update: files' "$after" "$(limits_now)"
systemctl daemon-reload
check 'update: files after daemon-reload' "$after" "$(limits_now)"
check 'update: systemd' '50331648 20' "$(systemctl show -P MemoryMax -P TasksMax "$unit" | sort -nr | tr '\n' ' ' | sed 's/ $//')"
if $is_runt; then
  runtime --systemd-cgroup update --pids-limit 30 --cpuset-cpus 77 c
  check_match 'update: refused by the kernel' '[1-9]*' "$status"
  check 'update: refused: files' "$after" "$(limits_now)"
  check 'update: refused: systemd' 20 "$(systemctl show -P TasksMax "$unit")"
fi
delete
check 'update: nothing left' '' "$(left)"

if $is_runt; then
  # A slice
  configure '.linux.cgroupsPath = ":x:vm-box.slice" | .linux.resources.pids.limit = 40'
  create
  created 'slice'
  check 'slice: cgroup' '0::/vm.slice/vm-box.slice' "$(cat "/proc/$(cat "$work/pid")/cgroup")"
  check 'slice: pids.max' 40 "$(cat $cgroups/vm.slice/vm-box.slice/pids.max)"
  delete
  check 'slice: status' 0 "$status"
  check 'slice: gone' '' "$(ls -d $cgroups/vm.slice/vm-box.slice 2>/dev/null)"

  # refused by name
  for bad in a b:c a:b:c:d x:y:z "$slice:a:" "a--b.slice:x:y" "$slice:x:y/z" "$slice:x:y z"; do
    configure ".linux.cgroupsPath = \"$bad\""
    create
    complain "cgroupsPath $bad" /linux/cgroupsPath
  done
  with '{}' '.annotations["org.systemd.property.ExecStopPost"] = "\u0027/bin/false\u0027"'
  create
  complain 'an annotation that runs a program' /annotations/org.systemd.property.ExecStopPost
  with '{cpu: {cpus: "77"}}'
  create
  complain 'a limit that the kernel refuses' /linux/resources/cpu/cpus
  with '{pids: {limit: 50}}' '.process.args = ["/no/such/program"]'
  runtime --systemd-cgroup run --bundle "$bundle" c
  complain 'no such program' 'no such file'
  with '{pids: {limit: 50}}' '.hooks.createRuntime = [{path: "/bin/false"}]'
  create
  complain 'a hook fails' hook
  # A unit that is there
  systemd-run --quiet --scope --slice=$slice --unit=$unit sleep 1000 > /dev/null 2>&1 &
  until_true systemctl --quiet is-active $unit
  with '{}'
  create
  check_match 'a unit in use: status' '[1-9]*' "$status"
  check_match 'a unit in use: text' "*$unit already*" "$error"
  check 'a unit in use: it lives on' active "$(systemctl is-active $unit)"
  check 'a unit in use: no state' '' "$(ls -d "$root/c" 2>/dev/null)"
  systemctl stop $unit
  wait

  # A unit of the same name that is somebody else's by the time of delete
  with '{}'
  create
  created 'a successor'
  kill -9 "$(cat "$work/pid")"
  until_true is_gone
  systemd-run --quiet --scope --slice=$slice --unit=$unit sleep 1000 > /dev/null 2>&1 &
  until_true systemctl --quiet is-active $unit
  delete
  check 'a successor: delete' 0 "$status"
  check 'a successor: it lives on' active "$(systemctl is-active $unit)"
  check 'a successor: no state' '' "$(ls -d "$root/c" 2>/dev/null)"
  systemctl stop $unit
  wait

  # An annotation is one property, also after systemd has read its own file of the unit again
  with '{}' '.annotations["org.systemd.property.Description"] = "\u0027x\\nOnSuccess=vm-more.target\u0027"'
  create
  complain 'an annotation of two lines' /annotations/org.systemd.property.Description
fi
systemctl stop vm.slice 2> /dev/null
systemctl reset-failed 2> /dev/null
group=/vm.slice
finish
