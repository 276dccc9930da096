# The mount option rdiratime has its effect on the mounts below as well.
# [shows config.md#linux-mount-options/27]
# broken: config .mounts[-1].options = ["rbind"]
mkdir -p source/below
mount -t tmpfs -o nodiratime tmpfs source/below
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "rdiratime"])' "$(mount_line /data/below) | cut -d ' ' -f 6"
expect_match 'options of the mount below' 'rw,relatime' "$output"
