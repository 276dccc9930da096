# A prestart hook with a timeout of 0 is an error.
# [shows config.md#posix-platform-hooks/3]
# broken: config .hooks.prestart[0].timeout = 1
configure 'hook("prestart"; ":") | .hooks.prestart[0].timeout = 0' 'echo ran'
must_fail create
