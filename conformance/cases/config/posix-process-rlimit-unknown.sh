# An rlimit that the kernel does not know is an error.
# [shows config.md#posix-process/2]
# broken: config .process.rlimits = []
refused '.process.rlimits = [{type: "RLIMIT_NO_SUCH", soft: 1, hard: 1}]'
