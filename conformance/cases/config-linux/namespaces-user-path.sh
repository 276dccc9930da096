# A namespace of the type user with a path is the one of that path.
# [shows config-linux.md#namespaces/3 config-linux.md#namespaces/4]
# broken: config .linux.namespaces |= map(select(.type != "user"))
need_namespace user
unshare -U sleep 100 &
path=/proc/$!/ns/user
another() { [ "$(readlink "$path")" != "$(readlink /proc/self/ns/user)" ]; }
eventually 'a namespace to join' another
echo '0 100000 65536' > "/proc/$!/uid_map"
echo '0 100000 65536' > "/proc/$!/gid_map"
inside ".linux.namespaces += [{type: \"user\", path: \"$path\"}]" 'readlink /proc/self/ns/user'
expect 'the namespace' "$(readlink "$path")" "$output"
