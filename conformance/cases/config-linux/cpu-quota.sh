# cpu.quota and cpu.period are the time of the cgroup.
# [rule config-linux.md#cpu]
# broken: config del(.linux.resources.cpu)
need_controller cpu
configure '.linux.resources.cpu = {quota: 50000, period: 200000}' 'exec sleep 100'
must create
expect 'cpu.max' '50000 200000' "$(cat "$cgroups$cgroup/cpu.max")"
