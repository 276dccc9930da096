# A file of readonlyPaths can be read, and not written to.
# [rule config-linux.md#readonly-paths]
# broken: config .linux.readonlyPaths = []
echo content > "$rootfs/data/file"
inside '.linux.readonlyPaths = ["/data/file"]' '(echo other > /data/file) 2> /dev/null; cat /data/file'
expect 'content' content "$output"
