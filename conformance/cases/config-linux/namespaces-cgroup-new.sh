# A namespace of the type cgroup without a path is a new one.
# [shows config-linux.md#namespaces/6]
# broken: config .linux.namespaces |= map(select(.type != "cgroup"))
need_namespace cgroup
inside '.linux.namespaces += [{type: "cgroup"}]' 'readlink /proc/self/ns/cgroup'
[ "$output" != "$(readlink /proc/self/ns/cgroup)" ] || fail 'another namespace than that of the runtime' "$output"
expect_match 'the namespace' 'cgroup:*' "$output"
