# The mount option idmap without mappings, in a container without a user namespace, is an error.
# [shows config.md#linux-mount-options/62]
# broken: config del(.mounts[-1])
refused 'mount("/data"; "none"; $work; ["rbind", "idmap"])'
