# Entries are applied in the listed order: what is allowed first and denied later is denied.
# [shows config-linux.md#allowed-device-list/1]
# broken: config .linux.resources.devices |= reverse
# Whoever may open /dev/kmsg needs a capability, too.
mknod "$rootfs/data/kmsg" c 1 11
inside '.process.capabilities |= map_values(. + ["CAP_SYSLOG"]) | .linux.resources.devices = [{allow: true, type: "c", major: 1, minor: 11, access: "rwm"}, {allow: false, access: "rwm"}]' \
  '(: < /data/kmsg) 2> /dev/null && echo opened; true'
expect 'what could be opened' '' "$output"
