# A namespace of the type cgroup with a path is the one of that path.
# [shows config-linux.md#namespaces/3 config-linux.md#namespaces/4]
# broken: config .linux.namespaces |= map(del(.path))
need_namespace cgroup
unshare -C sleep 100 &
joining cgroup $! cgroup
expect 'the namespace' "$(readlink "$path")" "$output"
