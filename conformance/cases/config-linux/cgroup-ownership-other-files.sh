# A delegated cgroup's other files keep their owner, and so does the cgroup above.
# [shows config-linux.md#cgroup-ownership/5 config-linux.md#cgroup-ownership/8]
# broken: instead create real && chown 100000 /sys/fs/cgroup/cases/*/* 2> /dev/null
need_namespace cgroup
configure 'users | .linux.namespaces += [{type: "cgroup"}] | mount("/sys/fs/cgroup"; "cgroup"; "cgroup"; ["rw", "nosuid", "noexec", "nodev"])' 'sleep 100'
must create
delegated=$(cat /sys/kernel/cgroup/delegate 2> /dev/null || printf 'cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n')
for file in "$cgroups$cgroup"/*; do
  printf '%s\n' "$delegated" | grep -qxF "${file##*/}" || expect "owner of ${file##*/}" 0 "$(stat -c %u "$file")"
done
expect 'owner of the cgroup above' 0 "$(stat -c %u "$cgroups/cases")"
