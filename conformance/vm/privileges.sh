#!/bin/sh
# What needs all capabilities: raised rlimits, the whole set of capabilities, device rules, sysctls.
. ./common.sh

# inside NAME FILTER SCRIPT EXPECTED: what a shell in the container says
inside() {
  configure ".linux.cgroupsPath = \"$group/c\" | ($2) | .process.args = [\"sh\", \"-c\", $(printf %s "$3" | jq -Rs .)]"
  run
  check "$1" "$4" "$output"
  [ -z "$error" ] || echo "    $error" | head -c 500
  check "$1: nothing left" '' "$(left)"
}

all=$(jq -nc '["CHOWN","DAC_OVERRIDE","DAC_READ_SEARCH","FOWNER","FSETID","KILL","SETGID","SETUID","SETPCAP","LINUX_IMMUTABLE",
  "NET_BIND_SERVICE","NET_BROADCAST","NET_ADMIN","NET_RAW","IPC_LOCK","IPC_OWNER","SYS_MODULE","SYS_RAWIO","SYS_CHROOT",
  "SYS_PTRACE","SYS_PACCT","SYS_ADMIN","SYS_BOOT","SYS_NICE","SYS_RESOURCE","SYS_TIME","SYS_TTY_CONFIG","MKNOD","LEASE",
  "AUDIT_WRITE","AUDIT_CONTROL","SETFCAP","MAC_OVERRIDE","MAC_ADMIN","SYSLOG","WAKE_ALARM","BLOCK_SUSPEND","AUDIT_READ",
  "PERFMON","BPF","CHECKPOINT_RESTORE"] | map("CAP_" + .)')
every=".process.capabilities = {bounding: $all, effective: $all, permitted: $all, inheritable: $all, ambient: $all}"

inside 'rlimits above those of the host' '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1048000, hard: 1048000},
  {type: "RLIMIT_NPROC", soft: 1048576, hard: 1048576}, {type: "RLIMIT_MEMLOCK", soft: 1073741824, hard: 1073741824},
  {type: "RLIMIT_CORE", soft: 0, hard: 18446744073709551615}]' \
  "grep -E 'open files|processes|locked|core' /proc/self/limits | while read -r line; do echo \$line; done" \
  'Max core file size 0 unlimited bytes
Max processes 1048576 1048576 processes
Max open files 1048000 1048000 files
Max locked memory 1073741824 1073741824 bytes'

inside 'all 41 capabilities' "$every" 'grep Cap /proc/self/status | while read -r name set; do echo $name $set; done' \
  'CapInh: 000001ffffffffff
CapPrm: 000001ffffffffff
CapEff: 000001ffffffffff
CapBnd: 000001ffffffffff
CapAmb: 000001ffffffffff'

inside 'oomScoreAdj below that of the host' '.process.oomScoreAdj = -900' 'cat /proc/self/oom_score_adj' -900

disk=$(cat /sys/block/vda/dev)
major=${disk%:*} minor=${disk#*:}
node="mknod /tmp/disk b $major $minor 2>/dev/null && echo made
dd if=/tmp/disk of=/dev/null bs=512 count=1 2>/dev/null && echo read
dd if=/tmp/disk of=/tmp/disk bs=512 count=1 conv=notrunc 2>/dev/null && echo written
true"
# Every node may be made: that is one of the rules which a runtime adds.
inside 'devices: the rules deny, capabilities or not' "$every" "$node; rm -f /tmp/disk" made
allow() { echo ".linux.resources.devices += [{allow: true, type: \"b\", major: $major, minor: $minor, access: \"$1\"}]"; }
inside 'devices: read and made only' "$every | $(allow rm)" "$node; rm -f /tmp/disk" 'made
read'
# No third letter: rules are combined in their order.
inside 'devices: a later rule takes back' "$every | $(allow rwm) | .linux.resources.devices += [{allow: false, type: \"b\", major: $major, access: \"w\"}]" \
  "$node; rm -f /tmp/disk" 'made
read'
inside 'devices: the default ones' '.' 'for name in null zero full random urandom tty; do
  [ -c /dev/$name ] && echo $name; done; dd if=/dev/urandom bs=4 count=1 2>/dev/null | wc -c; echo x > /dev/null && echo null is writable' \
  'null
zero
full
random
urandom
tty
4
null is writable'
inside 'a listed device, with owner and mode' "$(allow r) | .linux.devices = [{path: \"/dev/mydisk\", type: \"b\", major: $major, minor: $minor, fileMode: 416, uid: 7, gid: 8}]" \
  'ls -ln /dev/mydisk | { read -r mode links user group more; echo $mode $user $group; }; dd if=/dev/mydisk of=/dev/null bs=512 count=1 2>/dev/null; echo $?' \
  'brw-r----- 7 8
1'

# As engines configure a privileged container.
inside 'privileged' "$every | .process.noNewPrivileges = false | .linux.resources.devices = [{allow: true, access: \"rwm\"}]
  | .mounts |= map(if .options then .options |= map(if . == \"ro\" then \"rw\" else . end) else . end)" \
  "$node; rm -f /tmp/disk; mkdir /sys/fs/cgroup/mine && rmdir /sys/fs/cgroup/mine && echo cgroup; mount -t tmpfs tmpfs /tmp && echo mounted
  echo 1 > /proc/sys/net/ipv4/ip_forward && cat /proc/sys/net/ipv4/ip_forward" 'made
read
written
cgroup
mounted
1'

inside 'sysctl' '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "16384", "net.core.somaxconn": "321"}' \
  'cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax /proc/sys/net/core/somaxconn' '1
16384
321'
configure ".linux.cgroupsPath = \"$group/c\" | .linux.sysctl = {\"kernel.pid_max\": \"9999\"}"
create
complain 'a sysctl of the whole machine' kernel.pid_max /linux/sysctl
finish
