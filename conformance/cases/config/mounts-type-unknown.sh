# A file system type that the kernel does not know is an error.
# [shows config.md#valid-values/1]
# broken: config del(.mounts[-1])
refused 'mount("/data"; "no-such-filesystem"; "none"; [])'
