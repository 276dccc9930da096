# The mount option nodiratime has its effect.
# [shows config.md#linux-mount-options/15]
# broken: config .mounts[-1].options = []
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["nodiratime"])' "$(mount_line /data)"
expect_match 'options in mountinfo' '* *nodiratime*' "$output"
