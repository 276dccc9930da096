# A directory of readonlyPaths can be read, and not written to.
# [rule config-linux.md#readonly-paths]
# broken: config .linux.readonlyPaths = []
mkdir "$rootfs/data/fixed"
touch "$rootfs/data/fixed/file"
inside '.linux.readonlyPaths = ["/data/fixed"]' 'touch /data/fixed/other 2> /dev/null; ls /data/fixed'
expect 'files' file "$output"
