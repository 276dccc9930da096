# A character device of devices is there, and works.
# [shows config-linux.md#devices/1 config-linux.md#devices/2 config-linux.md#devices/3 config-linux.md#devices/5]
# broken: config .linux.devices = []
inside '.linux.devices = [{path: "/dev/of-the-case", type: "c", major: 1, minor: 5}]' \
  'stat -c "%F %t:%T" /dev/of-the-case; head -c 3 /dev/of-the-case | od -An -tx1'
expect 'type, numbers, content' 'character special file 1:5
 00 00 00' "$output"
