# A host name that the kernel does not take, of 65 letters, is an error.
# [shows config.md#valid-values/1]
# broken: config .hostname = "a"
refused '.hostname = ("a" * 65)'
