# Without a namespace of the type time the container has that of the runtime.
# [shows config-linux.md#namespaces/7]
# broken: config .linux.namespaces += [{type: "time"}]
need_namespace time
inside 'without("time")' 'readlink /proc/self/ns/time'
expect 'the namespace' "$(readlink /proc/self/ns/time)" "$output"
