# The default devices are there without being asked for: null, zero, full, random, urandom, tty.
# [shows config-linux.md#default-devices/1]
# broken: config .process.args[2] |= "rm /dev/full; " + .
inside . 'cd /dev && stat -c "%n %F %t:%T" null zero full random urandom tty'
expect 'default devices' 'null character special file 1:3
zero character special file 1:5
full character special file 1:7
random character special file 1:8
urandom character special file 1:9
tty character special file 5:0' "$output"
