# A network device that is not there is an error.
# [shows config-linux.md#network-devices/2]
# broken: config del(.linux.netDevices)
refused '.linux.netDevices = {"no-such-dev": {}}'
