# The path of root may be absolute, and need not lie in the bundle.
# [rule config.md#root]
# broken: config .root.path = "rootfs"
cp -al "$rootfs" "$work/elsewhere"
touch "$work/elsewhere/data/here"
inside '.root.path = "\($work)/elsewhere"' 'ls /data'
expect 'files in /data' here "$output"
