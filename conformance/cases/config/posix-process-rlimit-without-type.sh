# An rlimit without type is an error of create or of start.
# [shows config.md#posix-process/1]
# broken: config .process.rlimits = []
not_started '.process.rlimits = [{soft: 100, hard: 100}]'
