# An entry without allow denies, or is an error; it never allows.
# [shows config-linux.md#allowed-device-list/2]
# broken: config .linux.resources.devices[1].allow = true
# Whoever may open /dev/kmsg needs a capability, too.
mknod "$rootfs/data/kmsg" c 1 11
configure '.process.capabilities |= map_values(. + ["CAP_SYSLOG"]) | .linux.resources.devices = [{allow: false, access: "rwm"}, {type: "c", major: 1, minor: 11, access: "r"}]' \
  '(: < /data/kmsg) 2> /dev/null && echo opened; true'
call run --bundle "$bundle" "$id"
expect 'what could be opened' '' "$output"
