# The scheduler's policy and nice value are the program's.
# [rule config.md#linux-process]
# broken: config del(.process.scheduler)
inside '.process.scheduler = {policy: "SCHED_BATCH", nice: 5}' 'awk "{ print \$41, \$19 }" /proc/self/stat'
# SCHED_BATCH
expect 'policy and nice value' '3 5' "$output"
