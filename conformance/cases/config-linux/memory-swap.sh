# memory.swap is the limit of memory and swap together.
# [rule config-linux.md#memory]
# broken: config del(.linux.resources.memory)
need_controller memory
configure '.linux.resources.memory = {limit: 67108864, swap: 134217728}' 'exec sleep 100'
must create
expect 'memory.swap.max' '67108864' "$(cat "$cgroups$cgroup/memory.swap.max")"
