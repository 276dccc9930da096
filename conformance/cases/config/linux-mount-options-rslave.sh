# The mount option rslave sets the propagation of the mount and of those below it.
# [shows config.md#linux-mount-options/44]
# broken: config .mounts[-1].options = ["rbind", "rprivate"]
mkdir -p source/below
mount --bind source source
mount -t tmpfs tmpfs source/below
mount --make-rshared source
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "rslave"])' "$(propagation /data/below)"
expect_match 'optional fields in mountinfo' 'master:*' "$output"
