# Each of the flags of memory policies of the features is known.
# [shows features-linux.md#memorypolicy/2]
# broken: instead features real | jq '.linux.memoryPolicy.flags += ["MPOL_F_NO_SUCH"]'
features
names=$(printf '%s' "$output" | jq -r '.linux.memoryPolicy.flags // [] | .[]')
[ -n "$names" ] || not_applicable 'a runtime that lists flags of memory policies'
[ -e /proc/self/numa_maps ] || not_applicable 'a kernel with NUMA policies'
for name in $names; do
  # Balancing goes with a mode that binds; the two that are about nodes with any.
  inside ".linux.memoryPolicy = {mode: \"MPOL_BIND\", nodes: \"0\", flags: [\"$name\"]}" "echo $name"
  expect output "$name" "$output"
done
