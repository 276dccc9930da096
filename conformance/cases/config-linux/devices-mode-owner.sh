# fileMode, uid and gid of a device are those of its node.
# [rule config-linux.md#devices]
# broken: config .linux.devices[0].fileMode = 438
inside '.linux.devices = [{path: "/dev/of-the-case", type: "c", major: 1, minor: 5, fileMode: 416, uid: 1000, gid: 1001}]' \
  'stat -c "%a %u:%g" /dev/of-the-case'
expect 'mode and owner' '640 1000:1001' "$output"
