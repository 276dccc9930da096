# With user and cgroup namespaces and a writable cgroup mount the container's root owns its cgroup, and the files that can be delegated.
# [shows config-linux.md#cgroup-ownership/3 config-linux.md#cgroup-ownership/5]
# broken: config .mounts[-1].options = ["ro"]
need_namespace cgroup
configure 'users | .linux.namespaces += [{type: "cgroup"}] | mount("/sys/fs/cgroup"; "cgroup"; "cgroup"; ["rw", "nosuid", "noexec", "nodev"])' 'sleep 100'
must create
expect 'owner of the cgroup' 100000 "$(stat -c %u "$cgroups$cgroup")"
files=$(cat /sys/kernel/cgroup/delegate 2> /dev/null || printf 'cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n')
for file in $files; do
  [ ! -e "$cgroups$cgroup/$file" ] || expect "owner of $file" 100000 "$(stat -c %u "$cgroups$cgroup/$file")"
done
