# The mount option rprivate sets the propagation of the mount and of those below it.
# [shows config.md#linux-mount-options/39]
# broken: config .mounts[-1].options = ["rbind", "rshared"]
mkdir -p source/below
mount --bind source source
mount -t tmpfs tmpfs source/below
mount --make-rshared source
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "rprivate"])' "$(propagation /data/below)"
expect_match 'optional fields in mountinfo' '' "$output"
