# user.umask is the program's umask.
# [rule config.md#posix-platform-user]
# broken: config del(.process.user.umask)
inside '.process.user.umask = 63' 'umask'
expect umask 0077 "$output"
