# The mount option ro has its effect.
# [shows config.md#linux-mount-options/38]
# broken: config .mounts[-1].options = []
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["ro"])' "$(mount_line /data)"
expect_match 'options in mountinfo' '* ro,*' "$output"
