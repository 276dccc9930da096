# The mount option relatime has its effect.
# [shows config.md#linux-mount-options/28]
# broken: config .mounts[-1].options = ["noatime"]
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["relatime"])' "$(mount_line /data)"
expect_match 'options in mountinfo' '* *relatime*' "$output"
