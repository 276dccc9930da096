# The mount option dirsync reaches the file system.
# [shows config.md#linux-mount-options/8]
# broken: config .mounts[-1].options = []
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["dirsync"])' "$(mount_line /data)"
expect_match 'options of the file system' '* - tmpfs *[, ]dirsync*' "$output"
