# cpu.mems are the memory nodes of the cgroup.
# [rule config-linux.md#cpu]
# broken: config del(.linux.resources.cpu)
need_controller cpuset
configure '.linux.resources.cpu = {mems: "0"}' 'exec sleep 100'
must create
expect 'cpuset.mems' '0' "$(cat "$cgroups$cgroup/cpuset.mems")"
