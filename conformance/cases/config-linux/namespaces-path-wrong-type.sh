# A path that is of a namespace of another type is an error.
# [shows config-linux.md#namespaces/5]
# broken: config .linux.namespaces |= map(del(.path))
refused '.linux.namespaces |= map(if .type == "uts" then .path = "/proc/self/ns/ipc" else . end)'
