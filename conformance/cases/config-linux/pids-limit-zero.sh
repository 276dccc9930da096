# A pids.limit of 0 is a limit: nothing can be started any more.
# [shows config-linux.md#pids/1]
# broken: config del(.linux.resources.pids)
need_controller pids
configure '.linux.resources.pids = {limit: 0}' 'exec sleep 100'
must create
[ -e "$cgroups$cgroup/pids.max" ] || fail 'the pids controller in the cgroup' none
expect pids.max 0 "$(cat "$cgroups$cgroup/pids.max")"
