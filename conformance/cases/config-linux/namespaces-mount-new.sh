# A namespace of the type mount without a path is a new one.
# [shows config-linux.md#namespaces/6]
# broken: instead run readlink /proc/self/ns/mnt
inside '.' 'readlink /proc/self/ns/mnt'
[ "$output" != "$(readlink /proc/self/ns/mnt)" ] || fail 'another namespace than that of the runtime' "$output"
expect_match 'the namespace' 'mnt:*' "$output"
