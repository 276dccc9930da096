# A type of namespace that does not exist is an error.
# [shows config.md#valid-values/1 config-linux.md#namespaces/1]
# broken: config .linux.namespaces |= .[0:-1]
refused '.linux.namespaces += [{type: "no-such-type"}]'
