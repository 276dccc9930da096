# A throttle of blockIO without the numbers of a device is an error.
# [shows config-linux.md#block-io/3]
# broken: config del(.linux.resources)
refused '.linux.resources.blockIO = {throttleReadBpsDevice: [{rate: 1000000}]}'
