# consoleSize is ignored where terminal is not set.
# [shows config.md#process/2]
# broken: config .process.terminal = true
inside '.process.consoleSize = {height: 10, width: 20}' '[ -t 1 ] || echo none'
expect terminal none "$output"
