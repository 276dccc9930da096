# Without a namespace of the type cgroup the container has that of the runtime.
# [shows config-linux.md#namespaces/7]
# broken: config .linux.namespaces += [{type: "cgroup"}]
need_namespace cgroup
inside 'without("cgroup")' 'readlink /proc/self/ns/cgroup'
expect 'the namespace' "$(readlink /proc/self/ns/cgroup)" "$output"
