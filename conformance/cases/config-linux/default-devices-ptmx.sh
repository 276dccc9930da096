# /dev/ptmx is the one of the container's devpts.
# [shows config-linux.md#default-devices/1]
# broken: config .process.args[2] |= "rm -f /dev/ptmx; " + .
inside . '[ -c /dev/ptmx ] && [ "$(stat -L -c %t:%T /dev/ptmx)" = "$(stat -c %t:%T /dev/pts/ptmx)" ] && readlink -f /dev/ptmx'
expect_match 'what /dev/ptmx is' '/dev/*ptmx' "$output"
