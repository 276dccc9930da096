# A root without path is an error.
# [shows config.md#root/4]
# broken: config .root = {path: "rootfs"}
refused '.root = {readonly: false}'
