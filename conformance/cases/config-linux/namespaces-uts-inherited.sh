# Without a namespace of the type uts the container has that of the runtime.
# [shows config-linux.md#namespaces/7]
# broken: config .linux.namespaces += [{type: "uts"}]
inside 'without("uts")' 'readlink /proc/self/ns/uts'
expect 'the namespace' "$(readlink /proc/self/ns/uts)" "$output"
