# memory.limit is the limit of the cgroup.
# [rule config-linux.md#memory]
# broken: config del(.linux.resources.memory)
need_controller memory
configure '.linux.resources.memory = {limit: 67108864}' 'exec sleep 100'
must create
expect 'memory.max' '67108864' "$(cat "$cgroups$cgroup/memory.max")"
