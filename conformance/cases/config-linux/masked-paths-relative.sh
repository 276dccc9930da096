# A relative path of maskedPaths is an error.
# [shows config-linux.md#masked-paths/1]
# broken: config del(.linux.maskedPaths)
refused '.linux.maskedPaths = ["data"]'
