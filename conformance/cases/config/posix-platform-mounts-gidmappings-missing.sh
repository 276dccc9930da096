# uidMappings of a mount without gidMappings are an error.
# [shows config.md#posix-platform-mounts/3]
# broken: config del(.mounts[-1])
refused 'mount("/data"; "none"; $work; ["rbind", "idmap"]) | .mounts[-1].uidMappings = [{containerID: 0, hostID: 5000, size: 1}]'
