# The mount option rnoatime has its effect on the mounts below as well.
# [shows config.md#linux-mount-options/31]
# broken: config .mounts[-1].options = ["rbind"]
mkdir -p source/below
mount -t tmpfs -o rw tmpfs source/below
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "rnoatime"])' "$(mount_line /data/below) | cut -d ' ' -f 6"
expect_match 'options of the mount below' '*noatime*' "$output"
