# An I/O scheduling class that does not exist is an error.
# [shows config.md#valid-values/1]
# broken: config del(.process.ioPriority)
refused '.process.ioPriority = {class: "IOPRIO_CLASS_NO_SUCH", priority: 6}'
