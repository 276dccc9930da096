# A root whose path does not exist is an error.
# [shows config.md#root/7]
# broken: config .root.path = "rootfs"
refused '.root.path = "no-such-directory"'
