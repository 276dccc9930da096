# The mount option private sets the propagation of the mount.
# [shows config.md#linux-mount-options/23]
# broken: config .mounts[-1].options = ["rbind", "shared"]
mkdir -p source/below
mount --bind source source
mount -t tmpfs tmpfs source/below
mount --make-rshared source
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "private"])' "$(propagation /data)"
expect_match 'optional fields in mountinfo' '' "$output"
