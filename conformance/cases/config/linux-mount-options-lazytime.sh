# The mount option lazytime reaches the file system.
# [shows config.md#linux-mount-options/11]
# broken: config .mounts[-1].options = []
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["lazytime"])' "$(mount_line /data)"
expect_match 'options of the file system' '* - tmpfs *lazytime*' "$output"
