# rootfsPropagation private is the propagation of the container's root mount.
# [rule config-linux.md#rootfs-mount-propagation]
# broken: config .linux.rootfsPropagation = "slave"
mount --bind "$rootfs" "$rootfs"
mount --make-shared "$rootfs"
mount --make-shared /
inside '.linux.rootfsPropagation = "private"' "$(propagation /)"
expect_match 'optional fields of /' '' "$output"
