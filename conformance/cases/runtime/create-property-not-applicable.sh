# A configuration that cannot be carried out is an error of create; no container is made, and nothing is left.
# [shows runtime.md#create/6 runtime.md#lifecycle/2 runtime.md#errors/1]
# broken: config del(.mounts[] | select(.destination == "/data"))
same_mounts
refused 'mount("/data"; "bind"; "/there/is/no/such/source"; ["bind"])'
nothing_left
same_mounts
