# A namespace of the type ipc with a path is the one of that path.
# [shows config-linux.md#namespaces/3 config-linux.md#namespaces/4]
# broken: config .linux.namespaces |= map(del(.path))
unshare -i sleep 100 &
holder=$!
path=/proc/$holder/ns/ipc
another() { [ "$(readlink "$path")" != "$(readlink /proc/self/ns/ipc)" ]; }
eventually 'a namespace to join' another
inside "without(\"ipc\") | .linux.namespaces += [{type: \"ipc\", path: \"$path\"}]" 'readlink /proc/self/ns/ipc'
expect 'the namespace' "$(readlink "$path")" "$output"
