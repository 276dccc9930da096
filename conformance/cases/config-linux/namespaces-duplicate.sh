# Two namespaces of the same type are an error.
# [shows config-linux.md#namespaces/8]
# broken: config .linux.namespaces |= .[0:-1]
refused '.linux.namespaces += [{type: "uts"}]'
