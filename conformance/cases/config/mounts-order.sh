# Mounts are made in the listed order: a later one covers an earlier one below it.
# [shows config.md#mounts/1]
# broken: config .mounts |= (.[0:-2] + [.[-1], .[-2]])
inside 'mount("/data/below"; "tmpfs"; "below"; []) | mount("/data"; "tmpfs"; "above"; [])' 'ls /data'
expect 'what is seen below the later mount' '' "$output"
