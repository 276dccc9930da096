# A bind mount whose source does not exist is an error.
# [rule config.md#mounts]
# broken: config del(.mounts[-1])
refused 'mount("/data"; "bind"; "/there/is/no/such/source"; ["bind"])'
