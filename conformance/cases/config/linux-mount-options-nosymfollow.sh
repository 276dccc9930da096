# The mount option nosymfollow has its effect.
# [shows config.md#linux-mount-options/22]
# broken: config .mounts[-1].options = []
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["nosymfollow"])' "$(mount_line /data)"
expect_match 'options in mountinfo' '* *nosymfollow*' "$output"
