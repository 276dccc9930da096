# Without a namespace of the type network the container has that of the runtime.
# [shows config-linux.md#namespaces/7]
# broken: config .linux.namespaces += [{type: "network"}]
inside 'without("network")' 'readlink /proc/self/ns/net'
expect 'the namespace' "$(readlink /proc/self/ns/net)" "$output"
