# The mount option sync reaches the file system.
# [shows config.md#linux-mount-options/56]
# broken: config .mounts[-1].options = []
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["sync"])' "$(mount_line /data)"
expect_match 'options of the file system' '* - tmpfs *[, ]sync*' "$output"
