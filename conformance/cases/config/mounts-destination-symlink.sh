# A symbolic link in a destination is followed inside of the container's root, not out of it.
# [rule config.md#mounts]
# broken: config .mounts[-1].destination = "/home"
ln -s /data "$rootfs/link"
inside 'mount("/link/here"; "tmpfs"; "tmpfs"; [])' "$(mount_line /data/here)"
expect_match 'the mount' '* - tmpfs *' "$output"
[ ! -e /data/here ] || fail 'nothing is made outside of the root' "$(ls -d /data/here)"
