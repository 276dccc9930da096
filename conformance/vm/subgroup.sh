#!/bin/sh
# crun's annotations about cgroups below the container's, with controllers: run.oci.systemd.subgroup below a unit of systemd's,
# run.oci.delegate-cgroup below either. Where the processes are, where the limits are, that every command finds them, that all goes.
# [man crun.1]
. ./common.sh

slice=vm-subgroup.slice
unit=runt-c.scope
unit_path=/vm.slice/vm-subgroup.slice/$unit
sub='.annotations["run.oci.systemd.subgroup"] = "sub/inner"'
delegate='.annotations["run.oci.delegate-cgroup"] = "payload"'
mappings='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 200000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
limited='{memory: {limit: 67108864}, pids: {limit: 50}, cpu: {shares: 512}}'

with_unit() { configure ".linux.cgroupsPath = \"$slice:runt:c\" | .linux.resources += ($limited) | $1"; }
file() { if [ -e "$cgroups$1" ]; then cat "$cgroups$1"; else echo absent; fi; }
place() { sed -n 's/^0:://p' "/proc/$(cat "$work/pid")/cgroup"; }
words() { tr -s ' \n' '\n\n' | sort | tr '\n' ' '; }
left_of() {
  [ ! -e "$root/c" ] || echo "state $root/c"
  [ ! -e "$cgroups$1" ] || echo "cgroup $1"
}
gone() { [ -z "$(left_of $unit_path)" ]; }

# below a unit
with_unit "$sub"
runtime --systemd-cgroup create --bundle "$bundle" --pid-file "$work/pid" c
created 'subgroup'
check 'subgroup: the process' "$unit_path/sub/inner" "$(place)"
check 'subgroup: limits below' '67108864 50' "$(file $unit_path/sub/inner/memory.max) $(file $unit_path/sub/inner/pids.max)"
check 'subgroup: limits of the unit' '67108864 50' "$(file $unit_path/memory.max) $(file $unit_path/pids.max)"
check 'subgroup: nothing runs above' '' "$(file $unit_path/cgroup.procs)$(file $unit_path/sub/cgroup.procs)"
runtime --systemd-cgroup start c
check 'subgroup: start' 0 "$status"
runtime --systemd-cgroup exec c cat /proc/self/cgroup
check 'subgroup: exec' '0 0::/' "$status $(cat "$work/stdout")"
runtime --systemd-cgroup update --memory 80m --pids-limit 60 c
check 'subgroup: update' 0 "$status"
check 'subgroup: update below' '83886080 60' "$(file $unit_path/sub/inner/memory.max) $(file $unit_path/sub/inner/pids.max)"
check 'subgroup: update of the unit' '83886080 60' "$(file $unit_path/memory.max) $(file $unit_path/pids.max)"
systemctl daemon-reload
check 'subgroup: after daemon-reload' '83886080 60' "$(file $unit_path/sub/inner/memory.max) $(file $unit_path/sub/inner/pids.max)"
runtime --systemd-cgroup pause c
check 'subgroup: pause' '0 frozen 1' "$status $(grep frozen "$cgroups$unit_path/sub/inner/cgroup.events")"
runtime --systemd-cgroup resume c
runtime --systemd-cgroup delete --force c
check 'subgroup: delete' 0 "$status"
until_true gone
check 'subgroup: nothing left' '' "$(left_of $unit_path)"

# both: the container's cgroup is the one with the limits, the process in the one below
with_unit "$sub | $delegate | $mappings"
runtime --systemd-cgroup create --bundle "$bundle" --pid-file "$work/pid" c
created 'both'
check 'both: the process' "$unit_path/sub/inner/payload" "$(place)"
check 'both: limit' 67108864 "$(file $unit_path/sub/inner/memory.max)"
check 'both: no limit of its own' max "$(file $unit_path/sub/inner/payload/memory.max)"
check 'both: owners' '200000 200000 0' "$(stat -c %u "$cgroups$unit_path/sub/inner/payload" "$cgroups$unit_path/sub/inner/payload/cgroup.procs" "$cgroups$unit_path/sub/inner/payload/memory.max" | tr '\n' ' ' | sed 's/ $//')"
check 'both: every controller is given on' "$(words < "$cgroups$unit_path/sub/inner/cgroup.controllers")" "$(words < "$cgroups$unit_path/sub/inner/cgroup.subtree_control")"
runtime --systemd-cgroup exec c cat /proc/self/cgroup
check 'both: exec' '0 0::/payload' "$status $(cat "$work/stdout")"
runtime --systemd-cgroup delete --force c
until_true gone
check 'both: nothing left' '' "$(left_of $unit_path)"

# a unit of the same name that is somebody else's by the time of delete
if $is_runt; then
  with_unit "$sub"
  runtime --systemd-cgroup create --bundle "$bundle" --pid-file "$work/pid" c
  created 'a successor'
  kill -9 "$(cat "$work/pid")"
  unit_gone() { [ ! -e "$cgroups$unit_path" ]; }
  until_true unit_gone
  systemd-run --quiet --scope --slice=$slice --unit=$unit sleep 1000 > /dev/null 2>&1 &
  until_true systemctl --quiet is-active $unit
  runtime --systemd-cgroup delete --force c
  check 'a successor: delete' 0 "$status"
  check 'a successor: it lives on' active "$(systemctl is-active $unit)"
  check 'a successor: no state' '' "$(ls -d "$root/c" 2>/dev/null)"
  systemctl stop $unit
  wait
  until_true unit_gone
fi

# killed on the way: whatever is there goes with delete --force
if $is_runt; then
  with_unit "$sub | $delegate"
  for ms in 20 60 120 200 300; do
    timeout -s KILL "$(printf '0.%03d' $ms)" "$RUNTIME" --root "$root" --systemd-cgroup create --bundle "$bundle" c > /dev/null 2>&1 < /dev/null
    runtime --systemd-cgroup delete --force c
    until_true gone
    check "killed after $ms ms: nothing left" '' "$(left_of $unit_path)"
  done
fi

# by files
limits "$limited" "$delegate"
runtime create --bundle "$bundle" --pid-file "$work/pid" c
created 'files'
check 'files: the process' "$group/c/payload" "$(place)"
check 'files: limits' '67108864 max' "$(value memory.max) $(value payload/memory.max)"
check 'files: every controller is given on' "$(words < "$cgroups$group/c/cgroup.controllers")" "$(words < "$cgroups$group/c/cgroup.subtree_control")"
runtime start c
runtime exec c cat /proc/self/cgroup
check 'files: exec' '0 0::/payload' "$status $(cat "$work/stdout")"
runtime update --memory 80m c
check 'files: update' '0 83886080' "$status $(value memory.max)"
delete
check 'files: nothing left' '' "$(left)"
systemctl stop vm.slice 2> /dev/null
finish
