# With root.readonly nothing can be written in the root file system.
# [shows config.md#root/8]
# broken: config .root.readonly = false
inside '.root.readonly = true' 'touch /data/file /file 2> /dev/null; ls /file /data/file 2> /dev/null; true'
expect 'files that were made' '' "$output"
