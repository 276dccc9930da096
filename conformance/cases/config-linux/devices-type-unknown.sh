# A type of device that does not exist is an error.
# [shows config-linux.md#devices/2 config.md#valid-values/1]
# broken: config .linux.devices = []
refused '.linux.devices = [{path: "/dev/of-the-case", type: "x", major: 1, minor: 5}]'
