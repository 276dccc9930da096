# A device that is allowed after all were denied can be opened, and others cannot.
# [shows config-linux.md#allowed-device-list/1 config-linux.md#allowed-device-list/2]
# broken: config .linux.resources.devices |= .[0:1]
# Whoever may open /dev/kmsg needs a capability, too.
mknod "$rootfs/data/kmsg" c 1 11
mknod "$rootfs/data/loop" b 7 5
inside '.process.capabilities |= map_values(. + ["CAP_SYSLOG"]) | .linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "r"}]' \
  '(: < /data/kmsg) 2> /dev/null && echo kmsg; (: < /data/loop) 2> /dev/null && echo loop; true'
expect 'what could be opened' kmsg "$output"
