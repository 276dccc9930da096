# An empty process.args is an error of create or of start.
# [shows config.md#process/7]
# broken: config .process.args = ["/bin/true"]
configure '.process.args = []'
create
if [ "$status" = 0 ]; then must_fail start; else must_fail create; fi
