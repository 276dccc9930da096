# A directory of maskedPaths is empty in the container, and nothing can be put into it.
# [rule config-linux.md#masked-paths]
# broken: config .linux.maskedPaths = []
mkdir "$rootfs/data/secret"
touch "$rootfs/data/secret/file"
inside '.linux.maskedPaths = ["/data/secret"]' 'touch /data/secret/other 2> /dev/null; ls /data/secret'
expect 'files of the masked directory' '' "$output"
