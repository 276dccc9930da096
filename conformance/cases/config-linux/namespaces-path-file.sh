# A path that is of no namespace is an error.
# [shows config-linux.md#namespaces/5]
# broken: config .linux.namespaces |= map(del(.path))
refused '.linux.namespaces |= map(if .type == "uts" then .path = "/etc/passwd" else . end)'
