# A namespace of the type network with a path is the one of that path.
# [shows config-linux.md#namespaces/3 config-linux.md#namespaces/4]
# broken: config .linux.namespaces |= map(del(.path))
unshare -n sleep 100 &
joining network $! net
expect 'the namespace' "$(readlink "$path")" "$output"
