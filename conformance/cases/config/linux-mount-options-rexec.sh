# The mount option rexec has its effect on the mounts below as well.
# [shows config.md#linux-mount-options/30]
# broken: config .mounts[-1].options = ["rbind"]
mkdir -p source/below
mount -t tmpfs -o noexec tmpfs source/below
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "rexec"])' "$(mount_line /data/below) | cut -d ' ' -f 6"
expect_match 'options of the mount below' 'rw,relatime' "$output"
