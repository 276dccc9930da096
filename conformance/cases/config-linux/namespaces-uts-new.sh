# A namespace of the type uts without a path is a new one.
# [shows config-linux.md#namespaces/6]
# broken: config .linux.namespaces |= map(select(.type != "uts"))
inside '.' 'readlink /proc/self/ns/uts'
[ "$output" != "$(readlink /proc/self/ns/uts)" ] || fail 'another namespace than that of the runtime' "$output"
expect_match 'the namespace' 'uts:*' "$output"
