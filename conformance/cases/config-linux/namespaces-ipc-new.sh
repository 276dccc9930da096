# A namespace of the type ipc without a path is a new one.
# [shows config-linux.md#namespaces/6]
# broken: config .linux.namespaces |= map(select(.type != "ipc"))
inside '.' 'readlink /proc/self/ns/ipc'
[ "$output" != "$(readlink /proc/self/ns/ipc)" ] || fail 'another namespace than that of the runtime' "$output"
expect_match 'the namespace' 'ipc:*' "$output"
