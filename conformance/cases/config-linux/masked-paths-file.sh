# A file of maskedPaths cannot be read in the container.
# [rule config-linux.md#masked-paths]
# broken: config .linux.maskedPaths = []
echo secret > "$rootfs/data/file"
inside '.linux.maskedPaths = ["/data/file"]' 'cat /data/file 2> /dev/null; true'
expect 'content of the masked file' '' "$output"
