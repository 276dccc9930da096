# delete leaves a cgroup above the container's that was there before.
# [shows runtime.md#delete/4]
# broken: instead delete real; rmdir /sys/fs/cgroup/cases/*/ 2> /dev/null; true
mkdir -p "$cgroups$cgroup"
configure '.linux.cgroupsPath += "/inner"'
must create
must start
stopped
must delete
expect 'cgroups' "$cgroups$cgroup" "$(find "$cgroups$cgroup" -type d)"
