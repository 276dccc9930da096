# A memory.limit of -1 is none.
# [rule config-linux.md#memory]
# broken: config .linux.resources.memory.limit = 67108864
need_controller memory
configure '.linux.resources.memory = {limit: -1}' 'exec sleep 100'
must create
expect 'memory.max' 'max' "$(cat "$cgroups$cgroup/memory.max")"
