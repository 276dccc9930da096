# noNewPrivileges is set when it is asked for.
# [rule config.md#linux-process]
# broken: config .process.noNewPrivileges = false
inside '.process.noNewPrivileges = true' 'grep NoNewPrivs /proc/self/status'
expect_match NoNewPrivs '*1' "$output"
