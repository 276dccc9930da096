# The mount option noiversion, whose effect cannot be seen, is known, and does not reach the file system as a word of its own.
# [shows config.md#linux-mount-options/1 config.md#linux-mount-options/17]
# broken: config .mounts[-1].options = ["no-such-option"]
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["noiversion"])' "$(mount_line /data)"
expect_match 'the mount' '* - tmpfs *' "$output"
