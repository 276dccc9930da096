# A path of maskedPaths that is not there is no error, and is not made.
# [rule config-linux.md#masked-paths]
# broken: config .linux.maskedPaths = [] | .mounts += [{destination: "/data/missing", type: "tmpfs", source: "tmpfs"}]
inside '.linux.maskedPaths = ["/data/missing", "/proc/no-such-file"]' 'ls /data'
expect 'files' '' "$output"
