# rootfsPropagation slave is the propagation of the container's root mount.
# [rule config-linux.md#rootfs-mount-propagation]
# broken: config .linux.rootfsPropagation = "private"
mount --bind "$rootfs" "$rootfs"
mount --make-shared "$rootfs"
mount --make-shared /
inside '.linux.rootfsPropagation = "slave"' "$(propagation /)"
expect_match 'optional fields of /' 'master:*' "$output"
