# An absolute cgroupsPath is one below the mount point of the cgroups.
# [shows config-linux.md#cgroups-path/2]
# broken: config .linux.cgroupsPath = "/cases/elsewhere"
configure . 'sleep 100'
must create
expect 'processes in the cgroup' "$(pid_of)" "$(cat "$cgroups$cgroup/cgroup.procs" 2> /dev/null)"
