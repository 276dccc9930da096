# cpu.idle makes the cgroup idle.
# [rule config-linux.md#cpu]
# broken: config del(.linux.resources.cpu)
need_controller cpu
configure '.linux.resources.cpu = {idle: 1}' 'exec sleep 100'
must create
expect 'cpu.idle' '1' "$(cat "$cgroups$cgroup/cpu.idle")"
