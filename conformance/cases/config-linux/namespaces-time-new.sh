# A namespace of the type time without a path is a new one.
# [shows config-linux.md#namespaces/6]
# broken: config .linux.namespaces |= map(select(.type != "time"))
need_namespace time
inside '.linux.namespaces += [{type: "time"}]' 'readlink /proc/self/ns/time'
[ "$output" != "$(readlink /proc/self/ns/time)" ] || fail 'another namespace than that of the runtime' "$output"
expect_match 'the namespace' 'time:*' "$output"
