#!/bin/sh
# The container's user owns the container's cgroup: it makes cgroups below its own, gives them controllers and limits, and cannot
# lift its own limit. [spec config-linux.md#cgroup-ownership] [man cgroups.7]
. ./common.sh

mappings='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 200000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
writable='(.mounts[] | select(.destination == "/sys/fs/cgroup") | .options) = ["nosuid", "noexec", "nodev", "relatime", "rw"]'
owner() { stat -c %u "$cgroups$group/c/$1"; }

# With what the container may write into its own cgroup, and what not.
limits '{memory: {limit: 67108864}, pids: {limit: 20}}' "$mappings | $writable | .process.args = [\"/bin/sh\", \"-c\", \"
  cd /sys/fs/cgroup && busybox mkdir inner && echo 0 > inner/cgroup.procs || echo no inner cgroup
  echo +memory +pids > cgroup.subtree_control || echo no controllers
  busybox mkdir inner2 && echo 33554432 > inner2/memory.max && cat inner2/memory.max
  (echo max > memory.max) 2>/dev/null && echo lifted || echo kept
  (echo max > pids.max) 2>/dev/null && echo lifted || echo kept
  sleep 1000\"]"
create
created 'delegated'
for file in . cgroup.procs cgroup.subtree_control cgroup.threads; do check "delegated: owner of $file" 200000 "$(owner $file)"; done
for file in memory.max pids.max cgroup.freeze cgroup.kill memory.high; do check "delegated: owner of $file" 0 "$(owner $file)"; done
delete
if $is_runt; then
  "$RUNTIME" --root "$root" run --bundle "$bundle" c > "$work/seen" 2>&1 < /dev/null &
  until_true sh -c "[ \$(wc -l < $work/seen) -ge 3 ]"
  check 'delegated: what the container could do' "$(printf '33554432\nkept\nkept')" "$(cat "$work/seen")"
  # Its own cgroup gives controllers away now, and takes no process: exec goes to where init is.
  runtime exec c cat /proc/self/cgroup
  check 'delegated: exec' '0 0::/inner' "$status $(cat "$work/stdout")"
  runtime update --memory 80m c
  check 'delegated: update' '0 83886080' "$status $(value memory.max)"
  runtime pause c
  check 'delegated: pause' '0 frozen 1' "$status $(grep frozen "$cgroups$group/c/cgroup.events")"
  delete
  wait
  check 'delegated: nothing left' '' "$(left)"
fi

limits '{memory: {limit: 67108864}}' "$mappings"
create
created 'read-only'
check 'a read-only mount: nothing given' '0 0' "$(owner .) $(owner cgroup.procs)"
delete
finish
