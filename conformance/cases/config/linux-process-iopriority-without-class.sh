# An ioPriority without class is an error.
# [shows config.md#linux-process/6]
# broken: config del(.process.ioPriority)
refused '.process.ioPriority = {priority: 6}'
