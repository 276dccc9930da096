# An ioPriority without priority is an error of create or of start.
# [shows config.md#linux-process/7]
# broken: config del(.process.ioPriority)
not_started '.process.ioPriority = {class: "IOPRIO_CLASS_BE"}'
