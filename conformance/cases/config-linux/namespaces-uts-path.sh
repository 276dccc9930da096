# A namespace of the type uts with a path is the one of that path.
# [shows config-linux.md#namespaces/3 config-linux.md#namespaces/4]
# broken: config .linux.namespaces |= map(del(.path))
unshare -u sleep 100 &
joining uts $! uts
expect 'the namespace' "$(readlink "$path")" "$output"
