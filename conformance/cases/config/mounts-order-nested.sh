# Mounts are made in the listed order: a later one lies inside of an earlier one.
# [shows config.md#mounts/1]
# broken: config .mounts |= (.[0:-2] + [.[-1], .[-2]])
inside 'mount("/data"; "tmpfs"; "above"; []) | mount("/data/below"; "tmpfs"; "below"; [])' 'ls /data'
expect 'what is seen below the earlier mount' below "$output"
