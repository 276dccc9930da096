# A namespace of the type pid with a path is the one of that path.
# [shows config-linux.md#namespaces/3 config-linux.md#namespaces/4]
# broken: config .linux.namespaces |= map(del(.path))
unshare -p -f --kill-child sleep 100 &
holder_below $!
joining pid "$holder" pid
expect 'the namespace' "$(readlink "$path")" "$output"
