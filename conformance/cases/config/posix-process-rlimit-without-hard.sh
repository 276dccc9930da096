# An rlimit without hard is an error of create or of start.
# [shows config.md#posix-process/6]
# broken: config .process.rlimits = []
not_started '.process.rlimits = [{type: "RLIMIT_CORE", soft: 100}]'
