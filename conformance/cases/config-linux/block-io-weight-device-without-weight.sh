# An entry of weightDevice with neither weight nor leafWeight is an error.
# [shows config-linux.md#block-io/2]
# broken: config del(.linux.resources)
refused '.linux.resources.blockIO = {weightDevice: [{major: 7, minor: 0}]}'
