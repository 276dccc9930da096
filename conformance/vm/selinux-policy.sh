# A policy for SELinux, the smallest that the kernel takes: what it does not know is allowed, and it knows only changes of process
# types and reading of files. Sourced by what needs a machine with SELinux.
# shellcheck shell=sh

sids='kernel security unlabeled fs file file_labels init any_socket port netif netmsg node igmp_packet icmp_socket
  tcp_socket sysctl_modprobe sysctl sysctl_fs sysctl_kernel sysctl_net sysctl_net_unix sysctl_vm sysctl_dev kmod policy scmp_packet devnull'
base=system_u:system_r:base_t:s0
policy() {
  echo 'class process class file class dir'
  for sid in $sids; do echo "sid $sid"; done
  echo 'class process { transition dyntransition } class file { read } class dir { reparent }
    sensitivity s0; dominance { s0 } category c0; category c1; category c2; category c3; level s0:c0.c3;
    mlsconstrain process { dyntransition } ( h1 dom h2 );
    policycap nnp_nosuid_transition;
    type base_t; type container_t; type other_t; type secret_t; type shared_t;
    role system_r; role system_r types { base_t container_t other_t secret_t shared_t };
    allow base_t { container_t other_t }:process transition;
    allow base_t { base_t secret_t shared_t container_t other_t }:file read;
    allow container_t { base_t shared_t container_t }:file read;
    allow other_t { base_t secret_t shared_t other_t }:file read;
    user system_u roles { system_r } level s0 range s0 - s0:c0.c3;'
  for sid in $sids; do echo "sid $sid $base"; done
  echo "fs_use_xattr ext4 $base;"
  for fs in tmpfs devpts mqueue; do echo "fs_use_trans $fs $base;"; done
  echo "genfscon proc / $base"
}

# load_policy FOLDER: makes it there, loads it, and from then on it is enforced. What went wrong is in FOLDER/policy.log.
load_policy() {
  mountpoint -q /sys/fs/selinux || mount -t selinuxfs selinuxfs /sys/fs/selinux
  policy > "$1/policy.conf"
  checkpolicy -M -U allow -o "$1/policy" "$1/policy.conf" > "$1/policy.log" 2>&1 &&
    dd if="$1/policy" of=/sys/fs/selinux/load bs=1M 2> "$1/policy.log" &&
    echo 1 > /sys/fs/selinux/enforce
}
