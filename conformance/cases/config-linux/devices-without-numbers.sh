# A character device without numbers is an error.
# [shows config-linux.md#devices/5]
# broken: config .linux.devices = []
refused '.linux.devices = [{path: "/dev/of-the-case", type: "c"}]'
