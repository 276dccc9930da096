# A relative process.cwd is an error.
# [shows config.md#process/6]
# broken: config .process.cwd = "/home"
refused '.process.cwd = "home"'
