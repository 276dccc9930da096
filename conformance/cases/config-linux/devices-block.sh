# A block device of devices is there.
# [shows config-linux.md#devices/1 config-linux.md#devices/2]
# broken: config .linux.devices = []
inside '.linux.devices = [{path: "/dev/of-the-case", type: "b", major: 7, minor: 3}]' 'stat -c "%F %t:%T" /dev/of-the-case'
expect 'type and numbers' 'block special file 7:3' "$output"
