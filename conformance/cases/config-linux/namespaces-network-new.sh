# A namespace of the type network without a path is a new one.
# [shows config-linux.md#namespaces/6]
# broken: config .linux.namespaces |= map(select(.type != "network"))
inside '.' 'readlink /proc/self/ns/net'
[ "$output" != "$(readlink /proc/self/ns/net)" ] || fail 'another namespace than that of the runtime' "$output"
expect_match 'the namespace' 'net:*' "$output"
