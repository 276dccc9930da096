# delete takes away the cgroup that create made.
# [shows runtime.md#delete/3 runtime.md#lifecycle/16]
# broken: instead delete real; mkdir -p /sys/fs/cgroup/cases/${root%/state} 2> /dev/null; mkdir -p "/sys/fs/cgroup/cases/$(basename "${root%/state}")"
configure . 'sleep 100'
must create
expect 'cgroup after create' yes "$([ -d "$cgroups$cgroup" ] && echo yes)"
must signal KILL
stopped
must delete
expect 'cgroup after delete' '' "$(find "$cgroups$cgroup" -type d 2> /dev/null)"
