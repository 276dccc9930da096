# A file that is there already, and is not the device that is asked for, is an error.
# [shows config-linux.md#devices/4]
# broken: config .linux.devices = []
echo content > "$rootfs/data/device"
refused '.linux.devices = [{path: "/data/device", type: "c", major: 1, minor: 5}]'
expect 'content of the file' content "$(cat "$rootfs/data/device")"
