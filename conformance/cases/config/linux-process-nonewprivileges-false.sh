# noNewPrivileges is not set when it is not asked for.
# [rule config.md#linux-process]
# broken: config .process.noNewPrivileges = true
inside '.process.noNewPrivileges = false' 'grep NoNewPrivs /proc/self/status'
expect_match NoNewPrivs '*0' "$output"
