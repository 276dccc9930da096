# gidMappings of a mount without uidMappings are an error.
# [shows config.md#posix-platform-mounts/6]
# broken: config del(.mounts[-1])
refused 'mount("/data"; "none"; $work; ["rbind", "idmap"]) | .mounts[-1].gidMappings = [{containerID: 0, hostID: 5000, size: 1}]'
