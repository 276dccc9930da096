# Without root.readonly the root file system can be written to.
# [shows config.md#root/8]
# broken: config .root.readonly = true
inside . 'echo content > /data/file; cat /data/file'
expect 'content of the new file' content "$output"
