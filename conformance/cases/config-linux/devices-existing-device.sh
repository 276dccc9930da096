# A device that is there already, and is another one than is asked for, is an error.
# [shows config-linux.md#devices/4]
# broken: config .linux.devices = []
mknod "$rootfs/data/device" c 1 3
refused '.linux.devices = [{path: "/data/device", type: "c", major: 1, minor: 5}]'
