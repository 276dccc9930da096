# A configuration without process cannot be started: start is an error, if create was not one already.
# [shows runtime.md#start/4 config.md#process/1]
# broken: config .process = {user: {uid: 0, gid: 0}, args: ["/bin/true"], cwd: "/"}
configure 'del(.process)'
create
if [ "$status" = 0 ]; then must_fail start; else must_fail create; fi
