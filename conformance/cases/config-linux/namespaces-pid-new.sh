# A namespace of the type pid without a path is a new one.
# [shows config-linux.md#namespaces/6]
# broken: config .linux.namespaces |= map(select(.type != "pid"))
inside '.' 'readlink /proc/self/ns/pid'
[ "$output" != "$(readlink /proc/self/ns/pid)" ] || fail 'another namespace than that of the runtime' "$output"
expect_match 'the namespace' 'pid:*' "$output"
