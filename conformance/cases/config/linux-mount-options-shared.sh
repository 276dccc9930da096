# The mount option shared sets the propagation of the mount.
# [shows config.md#linux-mount-options/50]
# broken: config .mounts[-1].options = ["rbind", "private"]
mkdir -p source/below
mount --bind source source
mount -t tmpfs tmpfs source/below
mount --make-rprivate source
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "shared"])' "$(propagation /data)"
expect_match 'optional fields in mountinfo' 'shared:*' "$output"
