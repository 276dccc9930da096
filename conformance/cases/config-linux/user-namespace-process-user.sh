# The user of the process is one of the container's user namespace.
# [shows config.md#posix-platform-user/1 config.md#posix-platform-user/2 config-linux.md#user-namespace-mappings/1]
# broken: config .process.user = {uid: 6, gid: 7}
configure 'users | .process.user = {uid: 5, gid: 6}' 'exec sleep 100'
must create
must start
running
expect 'ids on the host' '100005 100006' "$(awk '/^Uid/ { u = $2 } /^Gid/ { print u, $2 }' "/proc/$(pid_of)/status")"
