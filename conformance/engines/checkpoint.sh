#!/bin/sh
# checkpoint and restore with the criu of the test image: a counter that lives in memory only must go on where it was. Some
# promises are runt's alone (see `own`): runc, the control, is known not to keep them. Inside the test image.
set -u
ENGINE=checkpoint
. "$(dirname "$0")/common.sh"
OTHER=/usr/bin/runc
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
cd /tmp || exit 1
echo "version: criu $(criu --version | sed -n 's/^Version: //p')"

# own CHECK...: only where the promise is made.
own() { [ "$RUNTIME" = "$OTHER" ] || "$@"; }
rt() { "$RUNTIME" --root /run/st "$@"; }

# bundle NAME [JQ-FILTER]: a counter that tells each step on its standard output, and ends with 7 when told to. It sleeps in
# read(1): with a program for it there would be a vfork ten times a second, and a parent of vfork cannot be frozen.
bundle() {
  mkdir -p "/tmp/$1/rootfs/bin" "/tmp/$1/rootfs/tmp" "/tmp/$1/rootfs/run" "/tmp/$1/rootfs/var"
  cp /usr/bin/busybox "/tmp/$1/rootfs/bin/busybox"
  for applet in sh sleep cat ls ip nc readlink test grep head stty; do ln -sf busybox "/tmp/$1/rootfs/bin/$applet"; done
  ln -sfn /run "/tmp/$1/rootfs/var/run"
  [ -p "/tmp/$1/rootfs/tmp/fifo" ] || mkfifo "/tmp/$1/rootfs/tmp/fifo"
  (cd "/tmp/$1" && rm -f config.json && "$OTHER" spec)
  # shellcheck disable=SC2016
  counter='i=0; exec 9<> /tmp/fifo; while [ ! -e /tmp/stop ]; do i=$((i+1)); echo tick $i; read -t 0.1 x <&9; done; exit 7'
  jq --arg counter "$counter" '.process.terminal = false | .root.readonly = false | .process.args = ["sh", "-c", $counter]
    | '"${2:-.}" "/tmp/$1/config.json" > "/tmp/$1/new.json" && mv "/tmp/$1/new.json" "/tmp/$1/config.json"
}

# start NAME [ID]: the standard output goes through a pipe to /tmp/out-ID, as an engine's would.
start() {
  id=${2:-$1}
  (: | rt run -d --bundle "/tmp/$1" "$id" 2>&1 | cat > "/tmp/out-$id") > /dev/null 2>&1 &
  wait_for 5 grep -q 'tick 3' "/tmp/out-$id"
}
# restore NAME ID ARGUMENT...
restore() {
  name=$1 id=$2
  shift 2
  rm -f "/tmp/status-$id"
  (: | { rt restore --bundle "/tmp/$name" "$@" "$id" 2>&1; echo "status $?" > "/tmp/status-$id"; } | cat > "/tmp/again-$id") > /dev/null 2>&1 &
  wait_for 10 test -e "/tmp/status-$id" || return 1
  cat "/tmp/status-$id"
}
ticks() { grep -o 'tick [0-9]*' "$1" | "$2" -n 1 | grep -o '[0-9]*'; }
# The first number after the restore is the one after the last before.
continues() { wait_for 5 grep -q tick "/tmp/again-$2" && [ "$(ticks "/tmp/again-$2" head)" -eq $(($(ticks "/tmp/out-$1" tail) + 1)) ]; }
status_of() { rt state "$1" 2> /dev/null | jq -r .status; }
pid_of() { rt state "$1" | jq -r .pid; }
gone() { rt delete -f "$1" > /dev/null 2>&1; ls -d "/run/st/$1" "/sys/fs/cgroup/$1" 2> /dev/null; grep -c '/run/st' /proc/self/mountinfo; }
# mount points of a container with what of their file system is mounted, and the flags
mounts_of() { awk '{ print $5, $4, $6 }' "/proc/$(pid_of "$1")/mountinfo" | sort; }
# A control that is there is said to be so by the word it ends with.
complains() { "$@" 2>&1 > /dev/null | tail -n 1; }
complaint_has() { wanted=$1; shift; complains "$@" | grep -c -- "$wanted"; }

mkdir -p -m 700 /run/st /run/st2

# --- there and back --------------------------------------------------------------------------------------------------
bundle plain
start plain
check 'a running container is saved' 0 '' rt checkpoint --image-path /tmp/i1 --work-path /tmp/w1 plain
check 'and is gone, with its cgroup' 0 0 sh -c 'ls -d /run/st/plain /sys/fs/cgroup/plain; grep -c "/run/st" /proc/self/mountinfo || :'
check 'the log is in the work path' 0 /tmp/w1/dump.log ls /tmp/w1/dump.log
check 'restored, detached' 0 'status 0' restore plain plain -d --image-path /tmp/i1 --work-path /tmp/w1 --pid-file /tmp/pidfile
check 'it counts on where it was, through the same pipe' 0 '' continues plain plain
check 'its status' 0 running status_of plain
check 'its pid file' 0 "$(pid_of plain)" cat /tmp/pidfile
check 'its cgroup' 0 0::/plain grep 0:: "/proc/$(pid_of plain)/cgroup"
own check 'exec has its time namespace' 0 1 sh -c "$RUNTIME --root /run/st exec plain sh -c 'readlink /proc/self/ns/time; readlink /proc/1/ns/time' | uniq | wc -l"
own check 'the loopback interface is up' 0 1 sh -c "$RUNTIME --root /run/st exec plain ip addr show lo | grep -c 127.0.0.1/8"
check 'nothing is mounted on the host for it' 0 0 sh -c 'grep -c "/run/st" /proc/self/mountinfo || :'

check '--leave-running' 0 running sh -c "$RUNTIME --root /run/st checkpoint --leave-running --image-path /tmp/i2 plain && $RUNTIME --root /run/st state plain | jq -r .status"
gone plain > /dev/null
check 'under another id, in the foreground, with its exit status' 0 'status 7' sh -c '
  { '"$RUNTIME"' --root /run/st restore --bundle /tmp/plain --image-path /tmp/i2 second < /dev/null; echo status $? >&2; } 2>&1 | grep -v tick &
  sleep 1; touch /tmp/plain/rootfs/tmp/stop; wait'
rm /tmp/plain/rootfs/tmp/stop
check 'and the container is removed at its end' 0 '' sh -c 'ls /run/st'
check 'a checkpoint can be restored more than once' 0 'status 0' restore plain plain -d --image-path /tmp/i2
check 'a restored container can be saved' 0 '' rt checkpoint --image-path /tmp/i3 plain
check 'and restored' 0 'status 0' restore plain plain -d --image-path /tmp/i3
check 'and removed' 1 0 gone plain

# --- what belongs to the host ----------------------------------------------------------------------------------------
mkdir -p /tmp/vol/sub /tmp/vol2
mount -t tmpfs tmpfs /tmp/vol/sub
echo deep > /tmp/vol/sub/file
bundle binds '.mounts += [
  {destination: "/vol", source: "/tmp/vol", type: "bind", options: ["rbind", "ro"]},
  {destination: "/var/run/data", source: "/tmp/vol2", type: "bind", options: ["bind", "nosuid", "nodev"]},
  {destination: "/again", source: "/tmp/vol2", type: "bind", options: ["bind", "ro", "noexec"]}]
  | .hooks.prestart = [{path: "/bin/sh", args: ["sh", "-c", "jq -r .status >> /tmp/hooks"]}]
  | .hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "jq -r .id >> /tmp/hooks"]}]
  | .hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "echo poststop >> /tmp/hooks"]}]'
start binds
mounts_of binds > /tmp/mounts-before
check 'with bind mounts' 0 '' rt checkpoint --image-path /tmp/i4 binds
check 'poststop hooks run' 0 poststop tail -n 1 /tmp/hooks
: > /tmp/hooks
rm -rf /tmp/binds/rootfs/vol /tmp/binds/rootfs/again
check 'restored into a root that lacks the mount points' 0 'status 0' restore binds binds -d --image-path /tmp/i4
mounts_of binds > /tmp/mounts-after
own check 'every mount has the flags that it had' 0 '' diff /tmp/mounts-before /tmp/mounts-after
own check 'runtime hooks run' 0 'created
binds' cat /tmp/hooks
echo deeper > /tmp/vol/sub/file
own check 'what a recursive bind brought along is the host’s, not a copy' 0 deeper rt exec binds cat /vol/sub/file
check 'a destination behind a link' 0 '' rt exec binds test -e /run/data
gone binds > /dev/null

# --- namespaces by path ----------------------------------------------------------------------------------------------
ip netns add one && ip netns add two
bundle net '.linux.namespaces |= map(if .type == "network" then .path = "/run/netns/one" else . end)'
start net
check 'in a network namespace by path' 0 '' rt checkpoint --image-path /tmp/i5 net
sed -i 's#netns/one#netns/two#' /tmp/net/config.json
check 'restored into another one' 0 'status 0' restore net net -d --image-path /tmp/i5
check 'which it is in' 0 "net:[$(stat -L -c %i /run/netns/two)]" readlink "/proc/$(pid_of net)/ns/net"
gone net > /dev/null

# --- network devices of the host -------------------------------------------------------------------------------------
# Without a network in the images the device comes from the host again.
device_of() { rt exec "$1" ip -o link show dev net0 2> /dev/null | grep -c 'net0.*,UP'; }
host_has() { ip -o link show dev "$1" > /dev/null 2>&1 && echo yes || echo no; }
if [ "$RUNTIME" != "$OTHER" ]; then
  ip link add runtdev type veth peer name runtpeer
  bundle device '.linux.netDevices = {"runtdev": {"name": "net0"}} | .hooks.createRuntime = [{"path": "/bin/sh", "args":
    ["sh", "-c", "nsenter -t $(jq .pid) -n ip -o link show dev net0 > /dev/null && echo seen >> /tmp/device-seen"]}]'
  start device
  check 'a network device of the host' 0 '1 no' echo "$(device_of device) $(host_has runtdev)"
  check 'checkpoint without the network' 0 '' rt checkpoint --empty-ns network --image-path /tmp/i-device device
  gone device > /dev/null
  ip link add runtdev type veth peer name runtpeer
  check 'the device goes into the restored container' 0 'status 0' restore device device -d --empty-ns network --image-path /tmp/i-device
  check 'and is up there, not on the host' 0 '1 no' echo "$(device_of device) $(host_has runtdev)"
  check 'before the hooks' 0 'seen
seen' cat /tmp/device-seen
  gone device > /dev/null
  check 'a device that is nowhere' 0 'status 1' restore device device -d --empty-ns network --image-path /tmp/i-device
  check 'is named' 0 1 grep -c 'no such device' /tmp/again-device
  check 'and nothing is left' 1 0 gone device
fi

# The init of a pid namespace, which reaps nothing: a number that was used once stays used.
inner_init() {
  unshare -p -f sleep 1000 > /dev/null 2>&1 &
  sleeper=$!
  sleep 0.3
  inner=$(tr -d ' ' < "/proc/$sleeper/task/$sleeper/children")
}
inner_init
bundle pid ".linux.namespaces |= map(if .type == \"pid\" then .path = \"/proc/$inner/ns/pid\" else . end)"
start pid
check 'in a pid namespace by path' 0 '' rt checkpoint --image-path /tmp/i6 pid
kill -9 "$inner"
old=$inner
inner_init
sed -i "s#/proc/$old/ns/pid#/proc/$inner/ns/pid#" /tmp/pid/config.json
check 'restored into another one' 0 'status 0' restore pid pid -d --image-path /tmp/i6
check 'which it is in' 0 "$(readlink "/proc/$inner/ns/pid")" readlink "/proc/$(pid_of pid)/ns/pid"
gone pid > /dev/null
kill -9 "$inner"

bundle user '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]
  | .linux.gidMappings = .linux.uidMappings | .mounts |= map(select(.type != "mqueue"))'
chown -R 100000:100000 /tmp/user/rootfs
start user
own check 'in a user namespace' 0 '' rt checkpoint --image-path /tmp/i7 user
# criu opens the images as the container's root.
chmod 711 /tmp/i7
own check 'restored in one' 0 'status 0' restore user user -d --image-path /tmp/i7
own check 'it counts on' 0 '' continues user user
gone user > /dev/null

# --- a terminal ------------------------------------------------------------------------------------------------------
bundle term '.process.terminal = true'
script -qfc "$RUNTIME --root /run/st run --bundle /tmp/term term" /tmp/out-term < /dev/zero > /dev/null 2>&1 &
wait_for 5 grep -q 'tick 3' /tmp/out-term
check 'with a terminal' 0 '' rt checkpoint --image-path /tmp/i8 term
script -qfc "$RUNTIME --root /run/st restore --bundle /tmp/term --image-path /tmp/i8 term" /tmp/again-term < /dev/zero > /dev/null 2>&1 &
own check 'its terminal is relayed again' 0 '' wait_for 10 grep -q tick /tmp/again-term
own check 'and is still its standard output' 0 /dev/pts/0 rt exec term readlink /proc/1/fd/1
gone term > /dev/null
own check 'detached, a terminal needs a socket' 0 1 complaint_has 'without setting console socket' rt restore -d --bundle /tmp/term --image-path /tmp/i8 term

# --- migration: from one state root and bundle to another -------------------------------------------------------------
bundle here
bundle there
# CAP_SYS_RESOURCE: without it criu's page server cannot make its pipe larger than the system's limit, and fails.
can_serve_pages() { [ $((0x$(awk '/^CapEff/ { print $2 }' /proc/self/status) >> 24 & 1)) = 1 ]; }
if can_serve_pages; then
start here
(
  exec 3> /tmp/ready
  rt checkpoint --lazy-pages --page-server 127.0.0.1:7777 --status-fd 3 --image-path /tmp/i9 --work-path /tmp/w9 here
  echo "status $?" > /tmp/dumped
) &
check 'a lazy dump tells on its descriptor when it is ready' 0 1 sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ -s /tmp/ready ] && break; sleep 0.2; done; wc -c < /tmp/ready'
mkdir -p /tmp/w9b
criu lazy-pages --page-server --address 127.0.0.1 --port 7777 -D /tmp/i9 -W /tmp/w9b > /dev/null 2>&1 &
sleep 0.5
lazily() { (("$RUNTIME" --root /run/st2 restore -d --lazy-pages --bundle /tmp/there --image-path /tmp/i9 --work-path /tmp/w9b moved < /dev/null 2>&1; echo "status $?" > /tmp/status-moved) | cat > /tmp/again-moved) > /dev/null 2>&1 & wait_for 20 test -e /tmp/status-moved; cat /tmp/status-moved; }
check 'restored elsewhere while its memory still comes' 0 'status 0' lazily
check 'it counts on there' 0 '' continues here moved
check 'the dump ends, and with it the container here' 0 'status 0' sh -c 'for i in 1 2 3 4 5 6 7 8 9; do [ -e /tmp/dumped ] && break; sleep 0.5; done; cat /tmp/dumped; ls /run/st'
check 'the container there can be removed' 0 '' "$RUNTIME" --root /run/st2 delete -f moved
else
  echo '# without CAP_SYS_RESOURCE: lazy migration is tried by npm run test:vm -- checkpoint'
fi

start here
if criu check --feature mem_dirty_track > /dev/null 2>&1; then
  check 'pre-dump' 0 running sh -c "$RUNTIME --root /run/st checkpoint --pre-dump --image-path /tmp/m/1 here && $RUNTIME --root /run/st state here | jq -r .status"
  check 'pre-dump again, on top of it' 0 '' rt checkpoint --pre-dump --parent-path ../1 --image-path /tmp/m/2 here
  check 'dump on top of that' 0 '' rt checkpoint --parent-path ../2 --image-path /tmp/m/3 here
  migrated() { (("$RUNTIME" --root /run/st2 restore -d --bundle /tmp/there --image-path /tmp/m/3 moved < /dev/null 2>&1; echo "status $?" > /tmp/status-moved) | cat > /tmp/again-moved) > /dev/null 2>&1 & wait_for 20 test -e /tmp/status-moved; cat /tmp/status-moved; }
  rm -f /tmp/status-moved
  check 'restored under another root' 0 'status 0' migrated
  check 'it counts on there' 0 '' continues here moved
  "$RUNTIME" --root /run/st2 delete -f moved
else
  echo '# this kernel does not track changed memory: iterative migration is tried by npm run test:vm -- checkpoint'
  check 'pre-dump is refused' 0 1 complaint_has 'criu is missing features: \[MemTrack\]' rt checkpoint --pre-dump --image-path /tmp/m1 here
  check 'and the container runs on' 0 running status_of here
fi
check '--parent-path is relative' 0 1 complaint_has '--parent-path must be relative' rt checkpoint --parent-path /tmp/x --image-path /tmp/m1 here
check 'a parent that is not there' 0 1 complaint_has 'invalid --parent-path' rt checkpoint --parent-path ../nothing --image-path /tmp/m1 here
gone here > /dev/null

# --- the network, files, the other runtime ---------------------------------------------------------------------------
# shellcheck disable=SC2016
bundle tcp '.process.args[2] = "nc -l -p 80 < /tmp/fifo2 > /dev/null & exec 8<> /tmp/fifo2; until nc 127.0.0.1 80 <&8 > /dev/null & sleep 0.3; grep -q :0050 /proc/net/tcp; do :; done; " + .process.args[2]'
mkfifo /tmp/tcp/rootfs/tmp/fifo2
start tcp
own check 'a TCP connection must be asked for' 0 1 complaint_has 'tcp-established' rt checkpoint --image-path /tmp/i10 tcp
check 'the container of a failed checkpoint runs on' 0 running status_of tcp
check 'with --tcp-established' 0 '' rt checkpoint --tcp-established --image-path /tmp/i11 tcp
own check 'restored with its connection' 0 'status 0' restore tcp tcp -d --tcp-established --image-path /tmp/i11
own check 'it counts on' 0 '' continues tcp tcp
gone tcp > /dev/null

bundle cross
start cross
check 'for the other' 0 '' rt checkpoint --image-path /tmp/i12 cross
other() { (: | ("$OTHER" --root /run/st2 restore -d --bundle /tmp/cross --image-path /tmp/i12 cross 2>&1; echo "status $?" > /tmp/status-cross) | cat > /tmp/again-cross) > /dev/null 2>&1 & wait_for 10 test -e /tmp/status-cross; cat /tmp/status-cross; }
check 'runc restores it' 0 'status 0' other
"$OTHER" --root /run/st2 checkpoint --image-path /tmp/i13 cross
check 'and what runc saved is restored' 0 'status 0' restore cross cross -d --image-path /tmp/i13
"$OTHER" --root /run/st2 delete -f cross
gone cross > /dev/null

# --- paused, refused, broken -----------------------------------------------------------------------------------------
start plain paused
rt pause paused
check 'a paused container is saved' 0 '' rt checkpoint --image-path /tmp/i14 paused
gone paused > /dev/null

rt create --bundle /tmp/plain made < /dev/null > /dev/null 2>&1
check 'a created container is refused' 0 1 complaint_has 'cannot be checkpointed in created state' rt checkpoint --image-path /tmp/i15 made
gone made > /dev/null
check 'no such container' 0 1 complaint_has 'does not exist' rt checkpoint --image-path /tmp/i15 nobody
own check 'no such images' 0 1 complaint_has 'no such file or directory' rt restore --bundle /tmp/plain --image-path /tmp/none nobody
# Images of something else than the bundle's container: it does not go on, not for one tick.
bundle mine
bundle more '.process.capabilities.bounding += ["CAP_SYS_CHROOT"] | .process.capabilities.permitted += ["CAP_SYS_CHROOT"]'
start more
check 'with more capabilities' 0 '' rt checkpoint --image-path /tmp/i16 more
gone more > /dev/null
own check 'is refused by a config.json that does not grant them' 0 1 complaint_has 'capabilities that are not granted' rt restore -d --bundle /tmp/mine --image-path /tmp/i16 mine
own check 'and nothing is left of it' 1 0 gone mine
ln -s /tmp/victim /tmp/i16/stats-restore
own check 'a link among the images, which criu would write through' 0 1 complaint_has 'stats-restore: is a link' rt restore -d --bundle /tmp/more --image-path /tmp/i16 more
rm /tmp/i1/core-1.img
own check 'broken images: the log is named and its error quoted' 0 1 complaint_has 'criu failed: type RESTORE.*core-1.img.*log file: /tmp/w1/restore.log' rt restore --bundle /tmp/plain --image-path /tmp/i1 --work-path /tmp/w1 broken
own check 'and nothing is left' 0 0 sh -c 'ls /run/st; ls -d /sys/fs/cgroup/broken 2> /dev/null; grep -c "/run/st" /proc/self/mountinfo || :'
own check 'no criu' 0 1 complaint_has 'criu was not found in PATH' env PATH=/nowhere "$RUNTIME" --root /run/st restore --bundle /tmp/plain --image-path /tmp/i2 nobody
mkdir -p /tmp/old
printf '#!/usr/bin/perl\nopen my $s, "+<&=3"; sysread $s, my $b, 99; syswrite $s, "\\x08\\x0a\\x10\\x01\\x52\\x06\\x08\\x03\\x10\\x0a\\x20\\x02";\n' > /tmp/old/criu
chmod 755 /tmp/old/criu
own check 'an old criu' 0 1 complaint_has 'criu 3.10.2 is too old: 3.16 or newer is needed' env "PATH=/tmp/old:$PATH" "$RUNTIME" --root /run/st restore --bundle /tmp/plain --image-path /tmp/i2 nobody
printf '#!/usr/bin/perl\nexit 3' > /tmp/old/criu
own check 'a criu that ends at once' 0 1 complaint_has 'criu ended without an answer to VERSION' env "PATH=/tmp/old:$PATH" "$RUNTIME" --root /run/st restore --bundle /tmp/plain --image-path /tmp/i2 nobody
# --- killed at any moment ---------------------------------------------------------------------------------------------
# What the runtime leaves when it is killed, delete --force takes away: processes, criu among them, the cgroup, the record, mounts.
bundle killed
rest() {
  ls -d /run/st/killed /sys/fs/cgroup/killed 2> /dev/null
  ps -eo pid,args | grep -E '[c]riu swrk|[t]ick \$i|^ *[0-9]+ [^ ]*/[r]unt '
  grep '/tmp/killed\|/run/st' /proc/self/mountinfo
}
no_rest() { [ -z "$(rest)" ]; }
killed=0
kill_after() {
  delay=$1
  shift
  (: | "$RUNTIME" --root /run/st "$@" > /dev/null 2>&1) & runtime=$!
  sleep "$delay"
  # The subshell's child is the runtime.
  # shellcheck disable=SC2046
  kill -9 $(ps -o pid= --ppid $runtime) 2> /dev/null && killed=$((killed + 1))
  wait $runtime 2> /dev/null
}
cleared() { rt delete -f killed; wait_for 5 no_rest; rest || :; }
start killed
own check 'images to be restored' 0 '' rt checkpoint --leave-running --image-path /tmp/i17 killed
gone killed > /dev/null
for delay in 0 0.005 0.01 0.02 0.03 0.05 0.08 0.12 0.2; do
  # Its old ticks are not those of the new one.
  rm -f /tmp/out-killed
  start killed
  kill_after $delay checkpoint --image-path /tmp/i18 killed
  own check "checkpoint killed after $delay s: nothing is left" 0 '' cleared
  kill_after $delay restore -d --bundle /tmp/killed --image-path /tmp/i17 killed
  own check "restore killed after $delay s: nothing is left" 0 '' cleared
done
echo "# $killed were killed in time"
own check 'nothing is left at all' 0 '' sh -c 'ls /run/st /run/st2 | grep -v "^/run\|^$\|seccomp"; ls /sys/fs/cgroup | grep -v "\.\|session"; :'
finish
