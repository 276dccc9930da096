# Without a namespace of the type pid the container has that of the runtime.
# [shows config-linux.md#namespaces/7]
# broken: config .linux.namespaces += [{type: "pid"}]
inside 'without("pid")' 'readlink /proc/self/ns/pid'
expect 'the namespace' "$(readlink /proc/self/ns/pid)" "$output"
