# The mount option ridmap without mappings, in a container without a user namespace, is an error.
# [shows config.md#linux-mount-options/68]
# broken: config del(.mounts[-1])
refused 'mount("/data"; "none"; $work; ["rbind", "ridmap"])'
