# memoryPolicy is the program's memory policy.
# [rule config-linux.md#memory-policy]
# broken: config del(.linux.memoryPolicy)
[ -e /proc/self/numa_maps ] || not_applicable 'a kernel with NUMA policies'
inside '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"}' 'head -n 1 /proc/self/numa_maps'
expect_match 'policy' '* bind:0 *' "$output"
