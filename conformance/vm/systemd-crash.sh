#!/bin/sh
# With systemd's cgroups: a runtime that is killed at any moment, a bus that does not answer, a systemd that is not there.
. ./common.sh

unit=runc-c.scope
path="$cgroups/system.slice/$unit"
processes() { ps -eo pid,args | grep -E '[r]unt.* create |[s]leep 1000|[r]unt init'; }
left() {
  [ ! -e "$root/c" ] || echo "state $root/c"
  [ ! -e "$path" ] || echo "cgroup $path"
  [ "$(systemctl show -P LoadState $unit)" = not-found ] || echo "unit $unit"
}
killed=0
kill_after() {
  "$RUNTIME" --root "$root" --systemd-cgroup create --bundle "$bundle" c < /dev/null > /dev/null 2>&1 &
  creator=$!
  [ "$1" = 0 ] || sleep "$1"
  kill -9 $creator 2>/dev/null && killed=$((killed + 1))
  wait $creator 2>/dev/null
  runtime delete --force c
  check "$2 killed after $1 s: delete --force" 0 "$status"
  [ "$status" = 0 ] || echo "    $error"
  is_gone() { [ -z "$(left)$(processes)" ]; }
  until_true is_gone
  check "$2 killed after $1 s: nothing left" '' "$(left)$(processes)"
}
configure 'del(.linux.cgroupsPath) | .linux.resources += {memory: {limit: 67108864}, pids: {limit: 20}}'
for delay in 0 0.005 0.01 0.015 0.02 0.025 0.03 0.04 0.05 0.06 0.08 0.1; do kill_after $delay create; done
configure 'del(.linux.cgroupsPath) | .hooks.createRuntime = [{path: "/bin/sleep", args: ["sleep", "0.5"]}]'
for delay in 0.15 0.3; do kill_after $delay 'create in a hook'; done
echo "# $killed of 14 were killed in time"

# One that is killed exactly while systemd works.
configure 'del(.linux.cgroupsPath)'
bus=$(systemctl show -P MainPID dbus.service)
if $is_runt && [ "$bus" -gt 1 ]; then
  kill -STOP "$bus"
  started=$(date +%s)
  patience=60
  runtime --systemd-cgroup create --bundle "$bundle" c
  took=$(($(date +%s) - started))
  check_match 'a bus that is stuck: status' '[1-9]*' "$status"
  check_match 'a bus that is stuck: text' '*timed out*' "$error"
  check 'a bus that is stuck: within 40 s' true "$([ $took -lt 40 ] && echo true)"
  check 'a bus that is stuck: no state' '' "$(ls "$root")"
  "$RUNTIME" --root "$root" --systemd-cgroup create --bundle "$bundle" c < /dev/null > /dev/null 2>&1 &
  creator=$!
  sleep 1
  kill -9 $creator
  wait $creator 2>/dev/null
  kill -CONT "$bus"
  runtime delete --force c
  check 'killed while the bus is stuck: delete' 0 "$status"
  check 'killed while the bus is stuck: nothing left' '' "$(left)"

  # What cannot be told to systemd keeps nobody from deleting.
  runtime --systemd-cgroup create --bundle "$bundle" c
  created 'before the bus is stuck'
  kill -STOP "$bus"
  runtime delete --force c
  kill -CONT "$bus"
  check 'delete while the bus is stuck: status' 0 "$status"
  check_match 'delete while the bus is stuck: warning' '*timed out*' "$error"
  until_true is_gone
  check 'delete while the bus is stuck: nothing left' '' "$(left)"
fi

# Without a bus there is systemd's own socket.
DBUS_SYSTEM_BUS_ADDRESS=unix:path=/no/bus runtime --systemd-cgroup create --bundle "$bundle" c
if $is_runt; then
  check 'no bus: status' 0 "$status"
  check 'no bus: unit' active "$(systemctl is-active $unit)"
fi
DBUS_SYSTEM_BUS_ADDRESS=unix:path=/no/bus runtime delete --force c
check 'no bus: nothing left' '' "$(left)"

if $is_runt; then
  unshare -m sh -c "mount -t tmpfs none /run/systemd && exec $RUNTIME --root $root --systemd-cgroup create --bundle $bundle c" 2> "$work/stderr"
  check 'no systemd: status' 1 "$?"
  check_match 'no systemd: text' '*systemd not running on this host*' "$(cat "$work/stderr")"
fi
finish
