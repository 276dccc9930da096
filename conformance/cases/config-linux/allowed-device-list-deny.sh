# A device that is denied cannot be opened.
# [rule config-linux.md#allowed-device-list]
# broken: config .linux.resources.devices = [{allow: true, access: "rwm"}]
mknod "$rootfs/data/kmsg" c 1 11
inside '.process.capabilities |= map_values(. + ["CAP_SYSLOG"]) | .linux.resources.devices = [{allow: false, access: "rwm"}]' \
  '(: < /data/kmsg) 2>&1; true'
expect_match 'what was said' '*Operation not permitted' "$output"
