# The mount option nodev has its effect.
# [shows config.md#linux-mount-options/14]
# broken: config .mounts[-1].options = []
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["nodev"])' "$(mount_line /data)"
expect_match 'options in mountinfo' '* *nodev*' "$output"
