# Without a namespace of the type user the container has that of the runtime.
# [shows config-linux.md#namespaces/7]
# broken: config .linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings
need_namespace user
inside 'without("user")' 'readlink /proc/self/ns/user'
expect 'the namespace' "$(readlink /proc/self/ns/user)" "$output"
