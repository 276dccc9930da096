# The type p is that of a FIFO, which has no numbers.
# [shows config-linux.md#devices/2 config-linux.md#devices/5]
# broken: config .linux.devices = []
inside '.linux.devices = [{path: "/dev/of-the-case", type: "p"}]' 'stat -c %F /dev/of-the-case'
expect 'type' fifo "$output"
