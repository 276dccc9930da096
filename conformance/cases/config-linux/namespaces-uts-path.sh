# A namespace of the type uts with a path is the one of that path.
# [shows config-linux.md#namespaces/3 config-linux.md#namespaces/4]
# broken: config .linux.namespaces |= map(del(.path))
unshare -u sleep 100 &
holder=$!
path=/proc/$holder/ns/uts
another() { [ "$(readlink "$path")" != "$(readlink /proc/self/ns/uts)" ]; }
eventually 'a namespace to join' another
inside "without(\"uts\") | .linux.namespaces += [{type: \"uts\", path: \"$path\"}]" 'readlink /proc/self/ns/uts'
expect 'the namespace' "$(readlink "$path")" "$output"
