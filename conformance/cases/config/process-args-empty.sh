# An empty process.args is an error of create or of start.
# [shows config.md#process/7]
# broken: config .process.args = ["/bin/true"]
not_started '.process.args = []'
