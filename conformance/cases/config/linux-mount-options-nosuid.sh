# The mount option nosuid has its effect.
# [shows config.md#linux-mount-options/21]
# broken: config .mounts[-1].options = []
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["nosuid"])' "$(mount_line /data)"
expect_match 'options in mountinfo' '* *nosuid*' "$output"
