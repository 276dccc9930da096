# Without a namespace of the type ipc the container has that of the runtime.
# [shows config-linux.md#namespaces/7]
# broken: config .linux.namespaces += [{type: "ipc"}]
inside 'without("ipc")' 'readlink /proc/self/ns/ipc'
expect 'the namespace' "$(readlink /proc/self/ns/ipc)" "$output"
