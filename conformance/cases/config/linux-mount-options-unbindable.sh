# The mount option unbindable sets the propagation of the mount.
# [shows config.md#linux-mount-options/57]
# broken: config .mounts[-1].options = ["rbind", "private"]
mkdir -p source/below
mount --bind source source
mount -t tmpfs tmpfs source/below
mount --make-rprivate source
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "unbindable"])' "$(propagation /data)"
expect_match 'optional fields in mountinfo' 'unbindable,' "$output"
