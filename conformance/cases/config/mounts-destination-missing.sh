# A mount without destination is an error.
# [shows config.md#mounts/2]
# broken: config del(.mounts[-1])
refused '.mounts += [{type: "tmpfs", source: "tmpfs"}]'
