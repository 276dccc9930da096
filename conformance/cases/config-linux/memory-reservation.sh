# memory.reservation is the low limit of the cgroup.
# [rule config-linux.md#memory]
# broken: config del(.linux.resources.memory)
need_controller memory
configure '.linux.resources.memory = {reservation: 33554432}' 'exec sleep 100'
must create
expect 'memory.low' '33554432' "$(cat "$cgroups$cgroup/memory.low")"
