# The inheritable set is the one of capabilities.inheritable.
# [rule config.md#linux-process]
# broken: config .process.capabilities.inheritable = []
inside '.process.capabilities |= . + {inheritable: ["CAP_KILL"]}' 'grep CapInh /proc/self/status'
expect_match 'CapInh (CAP_KILL)' '*0000000000000020' "$output"
