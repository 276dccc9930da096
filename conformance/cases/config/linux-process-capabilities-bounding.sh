# The bounding set is the one of capabilities.bounding.
# [rule config.md#linux-process]
# broken: config .process.capabilities.bounding += ["CAP_FOWNER"]
inside '.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL"]}' 'grep CapBnd /proc/self/status'
expect_match 'CapBnd (CAP_CHOWN, CAP_KILL)' '*0000000000000021' "$output"
