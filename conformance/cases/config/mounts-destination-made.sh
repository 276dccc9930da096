# A destination that is not there is made.
# [rule config.md#mounts]
# broken: config del(.mounts[-1])
inside 'mount("/new/deep/place"; "tmpfs"; "tmpfs"; [])' "$(mount_line /new/deep/place)"
expect_match 'the mount' '* - tmpfs *' "$output"
