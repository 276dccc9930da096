# cpu.burst is the time that can be saved up.
# [rule config-linux.md#cpu]
# broken: config del(.linux.resources.cpu.burst)
need_controller cpu
configure '.linux.resources.cpu = {quota: 50000, period: 100000, burst: 20000}' 'exec sleep 100'
must create
expect 'cpu.max.burst' '20000' "$(cat "$cgroups$cgroup/cpu.max.burst")"
