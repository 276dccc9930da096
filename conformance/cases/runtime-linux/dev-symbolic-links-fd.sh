# /dev/fd is a symbolic link to /proc/self/fd.
# [shows runtime-linux.md#dev-symbolic-links/1]
# broken: config .process.args[2] |= "rm /dev/fd; " + .
inside . 'readlink /dev/fd'
expect 'the link' /proc/self/fd "$output"
