# A namespace of the type user without a path is a new one.
# [shows config-linux.md#namespaces/6]
# broken: config .linux.namespaces |= map(select(.type != "user")) | del(.linux.uidMappings, .linux.gidMappings)
need_namespace user
inside 'users' 'readlink /proc/self/ns/user'
[ "$output" != "$(readlink /proc/self/ns/user)" ] || fail 'another namespace than that of the runtime' "$output"
expect_match 'the namespace' 'user:*' "$output"
