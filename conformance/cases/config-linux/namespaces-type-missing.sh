# A namespace without a type is an error.
# [shows config-linux.md#namespaces/1]
# broken: config .linux.namespaces |= .[0:-1]
refused '.linux.namespaces += [{}]'
