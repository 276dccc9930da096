# A process without args is an error of create or of start.
# [shows config.md#process/7]
# broken: config .process.args = ["/bin/true"]
configure 'del(.process.args)'
create
if [ "$status" = 0 ]; then must_fail start; else must_fail create; fi
