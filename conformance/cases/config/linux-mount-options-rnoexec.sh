# The mount option rnoexec has its effect on the mounts below as well.
# [shows config.md#linux-mount-options/33]
# broken: config .mounts[-1].options = ["rbind"]
mkdir -p source/below
mount -t tmpfs -o rw tmpfs source/below
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "rnoexec"])' "$(mount_line /data/below) | cut -d ' ' -f 6"
expect_match 'options of the mount below' '*noexec*' "$output"
