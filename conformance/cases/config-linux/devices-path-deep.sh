# The directories above a device are made.
# [rule config-linux.md#devices]
# broken: config .linux.devices[0].path = "/dev/other"
inside '.linux.devices = [{path: "/dev/deep/below/null", type: "c", major: 1, minor: 3}]' 'stat -c "%t:%T" /dev/deep/below/null'
expect 'numbers' 1:3 "$output"
