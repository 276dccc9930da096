# The access of an entry is what is allowed: a device that may be read may not be written to.
# [rule config-linux.md#allowed-device-list]
# broken: config .linux.resources.devices[1].access = "rw"
# Whoever may open /dev/kmsg needs a capability, too.
mknod "$rootfs/data/kmsg" c 1 11
inside '.process.capabilities |= map_values(. + ["CAP_SYSLOG"]) | .linux.resources.devices = [{allow: false, access: "rwm"}, {allow: true, type: "c", major: 1, minor: 11, access: "r"}]' \
  '(: < /data/kmsg) 2> /dev/null && echo read; (: > /data/kmsg) 2> /dev/null && echo write; true'
expect 'what could be done' read "$output"
