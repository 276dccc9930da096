# A namespace of the type ipc with a path is the one of that path.
# [shows config-linux.md#namespaces/3 config-linux.md#namespaces/4]
# broken: config .linux.namespaces |= map(del(.path))
unshare -i sleep 100 &
joining ipc $! ipc
expect 'the namespace' "$(readlink "$path")" "$output"
