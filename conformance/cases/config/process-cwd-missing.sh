# A process without cwd is an error.
# [shows config.md#process/5]
# broken: config .process.cwd = "/"
refused 'del(.process.cwd)'
