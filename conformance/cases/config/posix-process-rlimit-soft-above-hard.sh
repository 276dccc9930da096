# An rlimit whose soft value is above the hard one, which the kernel does not take, is an error.
# [shows config.md#posix-process/2]
# broken: config .process.rlimits = []
configure '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 200, hard: 100}]'
create
# The limits of a process may be set as late as by start.
if [ "$status" = 0 ]; then must_fail start; else must_fail create; fi
