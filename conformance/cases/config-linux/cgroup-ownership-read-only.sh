# Without a writable cgroup mount the cgroup keeps its owner.
# [shows config-linux.md#cgroup-ownership/3 config-linux.md#cgroup-ownership/4]
# broken: instead create real && chown 100000 /sys/fs/cgroup/cases/*
need_namespace cgroup
configure 'users | .linux.namespaces += [{type: "cgroup"}] | mount("/sys/fs/cgroup"; "cgroup"; "cgroup"; ["ro", "nosuid", "noexec", "nodev"])' 'sleep 100'
must create
expect 'owner of the cgroup' 0 "$(stat -c %u "$cgroups$cgroup")"
