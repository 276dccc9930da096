# The mount option rshared sets the propagation of the mount and of those below it.
# [shows config.md#linux-mount-options/43]
# broken: config .mounts[-1].options = ["rbind", "rprivate"]
mkdir -p source/below
mount --bind source source
mount -t tmpfs tmpfs source/below
mount --make-rprivate source
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "rshared"])' "$(propagation /data/below)"
expect_match 'optional fields in mountinfo' 'shared:*' "$output"
