# A mode of memoryPolicy that does not exist is an error.
# [shows config.md#valid-values/1 config-linux.md#memory-policy/1]
# broken: config del(.linux.memoryPolicy)
not_started '.linux.memoryPolicy = {mode: "MPOL_NO_SUCH", nodes: "0"}'
