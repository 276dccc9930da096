# A capability that does not exist is worth a warning, no error: the others are granted.
# [shows config.md#linux-process/1 config.md#linux-process/2]
# broken: config .process.capabilities |= map_values(["CAP_AUDIT_WRITE"])
inside '.process.capabilities |= map_values(["CAP_KILL", "CAP_NO_SUCH_ONE"])' 'grep CapEff /proc/self/status'
expect_match 'CapEff (CAP_KILL)' '*0000000000000020' "$output"
