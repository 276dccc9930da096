# A rootfsPropagation that does not exist is an error.
# [rule config-linux.md#rootfs-mount-propagation]
# broken: config del(.linux.rootfsPropagation)
refused '.linux.rootfsPropagation = "no-such"'
