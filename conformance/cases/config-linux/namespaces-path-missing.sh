# A path of a namespace that does not exist is an error.
# [rule config-linux.md#namespaces]
# broken: config .linux.namespaces |= map(del(.path))
refused '.linux.namespaces |= map(if .type == "uts" then .path = "/no/such/namespace" else . end)'
