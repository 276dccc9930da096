# A namespace of the type pid with a path is the one of that path.
# [shows config-linux.md#namespaces/3 config-linux.md#namespaces/4]
# broken: config .linux.namespaces |= map(del(.path))
unshare -p -f --kill-child sleep 100 &
child() { pgrep -P "$!" > holder; }
eventually "a process in the namespace" child
holder=$(cat holder)
path=/proc/$holder/ns/pid
another() { [ "$(readlink "$path")" != "$(readlink /proc/self/ns/pid)" ]; }
eventually 'a namespace to join' another
inside "without(\"pid\") | .linux.namespaces += [{type: \"pid\", path: \"$path\"}]" 'readlink /proc/self/ns/pid'
expect 'the namespace' "$(readlink "$path")" "$output"
