# A device without path is an error.
# [shows config-linux.md#devices/3]
# broken: config .linux.devices = []
refused '.linux.devices = [{type: "c", major: 1, minor: 5}]'
