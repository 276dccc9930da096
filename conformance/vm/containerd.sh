#!/bin/sh
# containerd by ctr with all controllers: limits in a cgroup by files and in a scope of systemd's, metrics, the event of an
# out-of-memory kill, pause.
# seconds: 1200
. ./common.sh
. ./engine-common.sh
mkdir -p /etc/containerd
[ -e /etc/containerd/config.toml ] || echo 'version = 3' > /etc/containerd/config.toml
run() { ctr run --runc-binary /usr/local/bin/runt --rootfs "$@"; }
task_gone() { ctr tasks delete "$1"; }

session() {
  systemctl start containerd || fail 'containerd starts' "$(journalctl -b --no-pager -u containerd | tail -5)"
  ctr events > "$work/events" 2> /dev/null &
  events=$!
  run -d --cgroup /vm-ctr/cc --memory-limit 67108864 --cpus 0.5 --cpu-shares 512 --cpuset-cpus 0 "$bundle/rootfs" cc /bin/sleep 1000 || fail 'run with limits'
  check 'limits' '67108864,50000 100000,0' "$(values /vm-ctr/cc memory.max cpu.max cpuset.cpus)"
  check 'metrics: the limit' 67108864 "$(answer ctr tasks metrics --format json cc | jq -r '.memory.usage_limit')"
  check 'metrics: processes' 1 "$(answer ctr tasks metrics --format json cc | jq -r '.pids.current')"
  check 'pause' 1 "$(ctr tasks pause cc; values /vm-ctr/cc cgroup.freeze)"
  check 'resume' 0 "$(ctr tasks resume cc; values /vm-ctr/cc cgroup.freeze)"
  ctr tasks kill -s KILL cc
  until_true task_gone cc
  ctr containers delete cc
  check 'nothing left of it' '' "$(ls -d $cgroups/vm-ctr/cc 2> /dev/null)"
  [ ! -d $cgroups/vm-ctr ] || rmdir $cgroups/vm-ctr

  run -d --runc-systemd-cgroup --cgroup system.slice:ctr:ss --memory-limit 67108864 "$bundle/rootfs" ss /bin/sleep 1000 || fail 'run in a scope'
  check 'a scope of systemd' active "$(systemctl is-active ctr-ss.scope)"
  check 'its limit' 67108864 "$(values /system.slice/ctr-ss.scope memory.max)"
  ctr tasks kill -s KILL ss
  until_true task_gone ss
  ctr containers delete ss

  run --rm --cgroup /vm-oom --memory-limit 16777216 "$bundle/rootfs" oo /bin/sh -c 'echo 0 > /proc/self/oom_score_adj; dd if=/dev/zero of=/dev/null bs=64M count=1; sleep 1' > /dev/null 2>&1
  until_true grep -q /tasks/oom "$work/events"
  check 'event of an out-of-memory kill' oo "$(sed -n 's,.*/tasks/oom {"container_id":"\([a-z]*\)"}.*,\1,p' "$work/events" | head -n 1)"
  kill $events
  check 'no container left' '' "$(answer ctr containers ls -q)"
  systemctl stop containerd
}

sessions "$(containerd --version | cut -d' ' -f3)"
finish
