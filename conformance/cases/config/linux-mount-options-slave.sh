# The mount option slave sets the propagation of the mount.
# [shows config.md#linux-mount-options/52]
# broken: config .mounts[-1].options = ["rbind", "private"]
mkdir -p source/below
mount --bind source source
mount -t tmpfs tmpfs source/below
mount --make-rshared source
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "slave"])' "$(propagation /data)"
expect_match 'optional fields in mountinfo' 'master:*' "$output"
