# cpu.cpus are the processors of the cgroup.
# [rule config-linux.md#cpu]
# broken: config del(.linux.resources.cpu)
need_controller cpuset
configure '.linux.resources.cpu = {cpus: "0"}' 'exec sleep 100'
must create
expect 'cpuset.cpus' '0' "$(cat "$cgroups$cgroup/cpuset.cpus")"
