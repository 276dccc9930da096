# Who says that id-mapped mounts are enabled makes them.
# [shows features-linux.md#mountextensions/1]
# broken: config del(.mounts[-1].uidMappings, .mounts[-1].gidMappings) | .mounts[-1].options = ["rbind"]
features
[ "$(printf '%s' "$output" | jq .linux.mountExtensions.idmap.enabled)" = true ] || not_applicable 'a runtime with id-mapped mounts'
mkdir source
inside 'mount("/data"; "none"; "\($work)/source"; ["rbind", "idmap"])
  | .mounts[-1] += {uidMappings: [{containerID: 0, hostID: 5000, size: 1}], gidMappings: [{containerID: 0, hostID: 5000, size: 1}]}' 'stat -c %u /data'
expect 'owner of the mount' 5000 "$output"
