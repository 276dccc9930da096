# A scheduler without policy is an error.
# [shows config.md#linux-process/5]
# broken: config del(.process.scheduler)
refused '.process.scheduler = {nice: 5}'
