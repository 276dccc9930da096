# A path of readonlyPaths that is not there is no error, and is not made.
# [rule config-linux.md#readonly-paths]
# broken: config .linux.readonlyPaths = [] | .mounts += [{destination: "/data/missing", type: "tmpfs", source: "tmpfs"}]
inside '.linux.readonlyPaths = ["/data/missing", "/proc/no-such-file"]' 'ls /data'
expect 'files' '' "$output"
