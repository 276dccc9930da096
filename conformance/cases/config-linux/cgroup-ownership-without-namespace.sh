# Without a cgroup namespace of its own the container's cgroup keeps its owner.
# [shows config-linux.md#cgroup-ownership/2]
# broken: instead create real && chown 100000 /sys/fs/cgroup/cases/*
configure 'users | mount("/sys/fs/cgroup"; "cgroup"; "cgroup"; ["rw", "nosuid", "noexec", "nodev"])' 'sleep 100'
must create
expect 'owner of the cgroup' 0 "$(stat -c %u "$cgroups$cgroup")"
