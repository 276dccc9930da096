# /dev/stdout is a symbolic link to /proc/self/fd/1.
# [shows runtime-linux.md#dev-symbolic-links/1]
# broken: config .process.args[2] |= "rm /dev/stdout; " + .
inside . 'readlink /dev/stdout'
expect 'the link' /proc/self/fd/1 "$output"
