# The mount option bind binds the source without the mounts below it.
# [shows config.md#linux-mount-options/4]
# broken: config .mounts[-1].options = ["rbind"]
mkdir -p source/below
mount -t tmpfs tmpfs source/below
touch source/file source/below/inner
inside 'mount("/data"; "none"; "\($work)/source"; ["bind"])' 'ls /data /data/below'
expect 'files' '/data:
below
file

/data/below:' "$output"
