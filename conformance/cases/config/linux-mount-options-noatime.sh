# The mount option noatime has its effect.
# [shows config.md#linux-mount-options/13]
# broken: config .mounts[-1].options = []
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["noatime"])' "$(mount_line /data)"
expect_match 'options in mountinfo' '* *noatime*' "$output"
