#!/bin/sh
# What a container sees of itself, one fact a line as "WHAT: VALUE", in an order and with numbers that do not depend on the runtime that
# made it: ids of mounts, pids, inodes and device numbers of file systems are left out. Runs in the container, on busybox.
fact() { echo "$1: $2"; }
show() { sed "s/^/$1: /"; }

sed -n 's/^\(Uid\|Gid\|Groups\|Umask\|NoNewPrivs\|Seccomp\|Cap...\|Sig[BIC][lgtg][knt]*\|Cpus_allowed_list\|THP_enabled\|CoreDumping\|Seccomp_filters\):[ 	]*/\1: /p' /proc/self/status | show status
sed -n 's/  */ /g; 2,$p' /proc/self/limits | show limit
# [man proc_pid_mountinfo.5] root, point, options, propagation without numbers, type, source, superblock options
while read -r _ _ _ root point options rest; do
  tags=${rest%% - *} super=${rest#* - }
  case $rest in '- '*) tags='' super=${rest#- } ;; esac
  tags=$(echo "$tags" | sed 's/:[0-9]*//g')
  case $root in *[!/]*) root=sub ;; esac
  echo "$point $options ($root) [$tags] $super"
done < /proc/self/mountinfo | sed 's/inode64,//; s/,inode64//' | sort | show mount
for name in cgroup ipc mnt net pid time user uts; do
  link=$(readlink /proc/self/ns/$name)
  eval "host=\${HOST_$name-}"
  if [ "$link" = "$host" ]; then fact namespace "$name host"; else fact namespace "$name own"; fi
done
show id-map < /proc/self/uid_map | sed 's/  */ /g'
show id-map < /proc/self/gid_map | sed 's/  */ /g'
fact setgroups "$(cat /proc/self/setgroups)"
fact cgroup "$(sed 's,[^:/]*$,ID,' /proc/self/cgroup)"
fact oom "$(cat /proc/self/oom_score_adj)"
fact hostname "$(cat /proc/sys/kernel/hostname) $(cat /proc/sys/kernel/domainname)"
fact directory "$(pwd)"
env | grep -v '^HOST_\|^SHLVL\|^_=\|^PWD' | sort | show env
fact id "$(id -u) $(id -g) $(id -G)"
[ $$ = 1 ] && fact pid 1 || fact pid "not 1"
for fd in 0 1 2; do
  fact stream "$fd $(stat -L -c %F /proc/$$/fd/$fd)"
done
# By the shell itself: a pipeline's own descriptors would be among them.
set -- /proc/$$/fd/*
fact descriptors "$#"
for device in $(ls /dev); do
  case $device in shm | mqueue | pts) continue ;; esac
  fact device "$device $(stat -c '%F %a %u:%g %t,%T' /dev/$device) $(readlink /dev/$device)"
done
stat -c '%F %a %u:%g' /dev /dev/pts /dev/shm /proc /sys / 2>&1 | show directory-mode
for path in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug /proc/acpi /sys/firmware /proc/scsi /proc/interrupts /sys/devices/virtual/powercap; do
  if [ -d $path ]; then fact masked "$path directory $(ls $path 2>/dev/null | wc -l)"
  elif [ -e $path ]; then fact masked "$path $(stat -c '%F' $path) $(head -c 4 $path 2>/dev/null | wc -c)"
  else fact masked "$path absent"; fi
done
for path in /proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/irq /proc/bus /proc/fs; do
  fact writable "$path $([ -w $path ] && echo yes || echo no)"
done
for name in net.ipv4.ip_forward net.ipv4.ping_group_range kernel.shmmax kernel.msgmax; do
  fact sysctl "$name $(tr '\t' ' ' < /proc/sys/$(echo $name | tr . /))"
done
ls /sys/class/net | sort | tr '\n' ' ' | show net; echo
fact loopback "$(cat /sys/class/net/lo/operstate 2>/dev/null) $(cat /sys/class/net/lo/flags 2>/dev/null)"
for file in cgroup.type cgroup.freeze cgroup.subtree_control; do
  [ -e /sys/fs/cgroup/$file ] && fact cgroup-file "$file $(cat /sys/fs/cgroup/$file 2>&1) $([ -w /sys/fs/cgroup/$file ] && echo writable)"
done
fact session "$(awk '{print $5 == $1, $6 == $1}' /proc/$$/stat)"
fact root "$(touch /probe-file 2>&1 && rm /probe-file && echo writable)"
fact personality "$(cat /proc/self/personality 2>/dev/null)"
fact nice "$(cut -d' ' -f19 /proc/self/stat)"
true
