# A scheduling policy that does not exist is an error.
# [shows config.md#valid-values/1]
# broken: config del(.process.scheduler)
refused '.process.scheduler = {policy: "SCHED_NO_SUCH"}'
