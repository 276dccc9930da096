# The mount option rnorelatime, whose effect cannot be seen, is known.
# [shows config.md#linux-mount-options/34]
# broken: config .mounts[-1].options = ["no-such-option"] | .mounts[-1].type = "tmpfs"
mkdir source
touch source/file
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "rnorelatime"])' 'ls /data'
expect 'files of the mount' file "$output"
