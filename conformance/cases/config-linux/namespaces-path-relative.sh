# A relative path of a namespace is an error.
# [shows config-linux.md#namespaces/3]
# broken: config .linux.namespaces |= map(del(.path))
cd /proc
refused '.linux.namespaces |= map(if .type == "uts" then .path = "self/ns/uts" else . end)'
