# The mount option noexec has its effect.
# [shows config.md#linux-mount-options/16]
# broken: config .mounts[-1].options = []
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["noexec"])' "$(mount_line /data)"
expect_match 'options in mountinfo' '* *noexec*' "$output"
