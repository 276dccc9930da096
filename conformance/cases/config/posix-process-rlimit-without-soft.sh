# An rlimit without soft is an error of create or of start.
# [shows config.md#posix-process/4]
# broken: config .process.rlimits = []
not_started '.process.rlimits = [{type: "RLIMIT_CORE", hard: 100}]'
