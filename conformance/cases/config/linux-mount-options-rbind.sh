# The mount option rbind binds the source with the mounts below it.
# [shows config.md#linux-mount-options/25]
# broken: config .mounts[-1].options = ["bind"]
mkdir -p source/below
mount -t tmpfs tmpfs source/below
touch source/below/inner
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind"])' 'ls /data/below'
expect 'files below' inner "$output"
