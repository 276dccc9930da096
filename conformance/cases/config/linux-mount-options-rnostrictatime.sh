# The mount option rnostrictatime, whose effect cannot be seen, is known.
# [shows config.md#linux-mount-options/35]
# broken: config .mounts[-1].options = ["no-such-option"] | .mounts[-1].type = "tmpfs"
mkdir source
touch source/file
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "rnostrictatime"])' 'ls /data'
expect 'files of the mount' file "$output"
