# A relative path of readonlyPaths is an error.
# [shows config-linux.md#readonly-paths/1]
# broken: config del(.linux.readonlyPaths)
refused '.linux.readonlyPaths = ["data"]'
