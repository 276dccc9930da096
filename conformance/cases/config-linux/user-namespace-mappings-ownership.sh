# A user namespace changes no owner in the root file system.
# [shows config-linux.md#user-namespace-mappings/4]
# broken: instead run chown -R 100000:100000 "$bundle/rootfs/etc"; real
inside users 'stat -c %u:%g /etc/passwd'
expect 'owner inside' '65534:65534' "$output"
expect 'owner outside' '0:0' "$(stat -c %u:%g "$rootfs/etc/passwd")"
