# A program that is not there is an error of create or of start.
# [shows runtime.md#start/3]
# broken: config .process.args = ["/bin/true"]
configure '.process.args = ["/bin/no-such-program"]'
create
if [ "$status" = 0 ]; then must_fail start; else must_fail create; fi
