# unified are files of the cgroup and what is written to them.
# [shows config-linux.md#unified/1]
# broken: config del(.linux.resources.unified)
need_controller pids
configure '.linux.resources.unified = {"pids.max": "43"}' 'exec sleep 100'
must create
expect 'pids.max' '43' "$(cat "$cgroups$cgroup/pids.max")"
