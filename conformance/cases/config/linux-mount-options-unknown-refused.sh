# An option that the file system does not know either is an error.
# [shows config.md#linux-mount-options/72 config.md#valid-values/1]
# broken: config del(.mounts[-1])
refused 'mount("/data"; "tmpfs"; "tmpfs"; ["no-such-option=1"])'
