# The type u is that of an unbuffered character device.
# [shows config-linux.md#devices/2]
# broken: config .linux.devices = []
inside '.linux.devices = [{path: "/dev/of-the-case", type: "u", major: 1, minor: 5}]' 'stat -c "%F %t:%T" /dev/of-the-case'
expect 'type and numbers' 'character special file 1:5' "$output"
