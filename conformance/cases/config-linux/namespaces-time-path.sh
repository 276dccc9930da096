# A namespace of the type time with a path is the one of that path.
# [shows config-linux.md#namespaces/3 config-linux.md#namespaces/4]
# broken: config .linux.namespaces |= map(del(.path))
need_namespace time
unshare -T -f --kill-child sleep 100 &
holder_below $!
joining time "$holder" time
expect 'the namespace' "$(readlink "$path")" "$output"
