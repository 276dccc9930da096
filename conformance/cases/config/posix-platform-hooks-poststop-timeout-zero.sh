# A poststop hook with a timeout of 0 is an error.
# [shows config.md#posix-platform-hooks/8]
# broken: config .hooks.poststop[0].timeout = 1
configure 'hook("poststop"; ":") | .hooks.poststop[0].timeout = 0' 'echo ran'
must_fail create
