# rootfsPropagation shared is the propagation of the container's root mount.
# [rule config-linux.md#rootfs-mount-propagation]
# broken: config .linux.rootfsPropagation = "private"
mount --bind "$rootfs" "$rootfs"
mount --make-private "$rootfs"
mount --make-private /
inside '.linux.rootfsPropagation = "shared"' "$(propagation /)"
expect_match 'optional fields of /' 'shared:*' "$output"
