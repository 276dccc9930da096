# A throttle of blockIO without rate is an error.
# [shows config-linux.md#block-io/4]
# broken: config del(.linux.resources)
refused '.linux.resources.blockIO = {throttleReadBpsDevice: [{major: 7, minor: 0}]}'
