# A configuration without root is an error.
# [shows config.md#root/3]
# broken: config .root = {path: "rootfs"}
refused 'del(.root)'
