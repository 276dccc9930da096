# The mount option ridmap maps the ids of a bind mount as the mappings of the mount say.
# [shows config.md#linux-mount-options/64 config.md#linux-mount-options/66]
# broken: config del(.mounts[-1].uidMappings, .mounts[-1].gidMappings) | .mounts[-1].options = ["rbind"]
mkdir -p source/below
mount -t tmpfs tmpfs source/below
touch source/below/file
chown 1000:1001 source/below/file
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "ridmap"])
  | .mounts[-1] += {uidMappings: [{containerID: 1000, hostID: 5000, size: 1}], gidMappings: [{containerID: 1001, hostID: 5001, size: 1}]}' \
  'stat -c %u:%g /data/below/file'
expect 'owner of the file' 5000:5001 "$output"
