# A namespace of the type time with a path is the one of that path.
# [shows config-linux.md#namespaces/3 config-linux.md#namespaces/4]
# broken: config .linux.namespaces |= map(del(.path))
need_namespace time
unshare -T -f --kill-child sleep 100 &
child() { pgrep -P "$!" > holder; }
eventually "a process in the namespace" child
holder=$(cat holder)
path=/proc/$holder/ns/time
another() { [ "$(readlink "$path")" != "$(readlink /proc/self/ns/time)" ]; }
eventually 'a namespace to join' another
inside "without(\"time\") | .linux.namespaces += [{type: \"time\", path: \"$path\"}]" 'readlink /proc/self/ns/time'
expect 'the namespace' "$(readlink "$path")" "$output"
