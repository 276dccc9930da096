# An rlimit whose soft value is above the hard one, which the kernel does not take, is an error of create or of start.
# [shows config.md#posix-process/2]
# broken: config .process.rlimits = []
not_started '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 200, hard: 100}]'
