# /dev/stderr is a symbolic link to /proc/self/fd/2.
# [shows runtime-linux.md#dev-symbolic-links/1]
# broken: config .process.args[2] |= "rm /dev/stderr; " + .
inside . 'readlink /dev/stderr'
expect 'the link' /proc/self/fd/2 "$output"
