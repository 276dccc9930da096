# With the ambient set a user that is not root has capabilities.
# [rule config.md#linux-process]
# broken: config .process.capabilities.ambient = []
inside '.process.user = {uid: 1000, gid: 1000} | .process.capabilities = {bounding: ["CAP_KILL"], permitted: ["CAP_KILL"], effective: ["CAP_KILL"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]}' \
  'grep -E "CapAmb|CapEff" /proc/self/status'
expect 'CapEff and CapAmb (CAP_KILL)' '0000000000000020 0000000000000020' "$(echo "$output" | cut -f 2 | xargs)"
