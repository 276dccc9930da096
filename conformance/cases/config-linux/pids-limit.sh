# pids.limit is the number of processes of the cgroup.
# [rule config-linux.md#pids]
# broken: config del(.linux.resources.pids)
need_controller pids
configure '.linux.resources.pids = {limit: 42}' 'exec sleep 100'
must create
expect 'pids.max' '42' "$(cat "$cgroups$cgroup/pids.max")"
