# A namespace of the type network with a path is the one of that path.
# [shows config-linux.md#namespaces/3 config-linux.md#namespaces/4]
# broken: config .linux.namespaces |= map(del(.path))
unshare -n sleep 100 &
holder=$!
path=/proc/$holder/ns/net
another() { [ "$(readlink "$path")" != "$(readlink /proc/self/ns/net)" ]; }
eventually 'a namespace to join' another
inside "without(\"network\") | .linux.namespaces += [{type: \"network\", path: \"$path\"}]" 'readlink /proc/self/ns/net'
expect 'the namespace' "$(readlink "$path")" "$output"
