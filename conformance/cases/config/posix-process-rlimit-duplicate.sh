# Two rlimits of the same type are an error.
# [shows config.md#posix-process/8]
# broken: config .process.rlimits |= .[0:1]
refused '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 100}, {type: "RLIMIT_NOFILE", soft: 200, hard: 200}]'
