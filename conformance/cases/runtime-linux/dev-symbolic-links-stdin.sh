# /dev/stdin is a symbolic link to /proc/self/fd/0.
# [shows runtime-linux.md#dev-symbolic-links/1]
# broken: config .process.args[2] |= "rm /dev/stdin; " + .
inside . 'readlink /dev/stdin'
expect 'the link' /proc/self/fd/0 "$output"
