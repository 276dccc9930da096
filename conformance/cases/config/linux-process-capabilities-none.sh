# With empty sets root has no capability.
# [rule config.md#linux-process]
# broken: config .process.capabilities |= map_values(["CAP_KILL"])
inside '.process.capabilities = {bounding: [], effective: [], permitted: [], inheritable: [], ambient: []}' 'grep Cap /proc/self/status | tr -d "\t"'
expect 'the five sets' 'CapInh:0000000000000000
CapPrm:0000000000000000
CapEff:0000000000000000
CapBnd:0000000000000000
CapAmb:0000000000000000' "$output"
