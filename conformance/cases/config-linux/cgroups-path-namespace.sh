# With a cgroup namespace the container's cgroup is the root of what it sees.
# [shows config-linux.md#namespaces/6]
# broken: config .linux.namespaces |= map(select(.type != "cgroup"))
need_namespace cgroup
inside '.linux.namespaces += [{type: "cgroup"}]' 'cat /proc/self/cgroup'
expect_match 'own cgroup' '*0::/' "$output"
