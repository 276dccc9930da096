# A memoryPolicy without mode is an error.
# [shows config-linux.md#memory-policy/1]
# broken: config del(.linux.memoryPolicy)
not_started '.linux.memoryPolicy = {nodes: "0"}'
