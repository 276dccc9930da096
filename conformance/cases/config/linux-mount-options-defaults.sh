# The mount option defaults, whose effect cannot be seen, is known, and does not reach the file system as a word of its own.
# [shows config.md#linux-mount-options/1 config.md#linux-mount-options/5]
# broken: config .mounts[-1].options = ["no-such-option"]
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["defaults"])' "$(mount_line /data)"
expect_match 'the mount' '* - tmpfs *' "$output"
