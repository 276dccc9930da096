# A root whose path is a file is an error.
# [shows config.md#root/7]
# broken: config .root.path = "rootfs"
refused '.root.path = "config.json"'
