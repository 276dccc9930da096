# Each of the memory policies of the features is known.
# [shows features-linux.md#memorypolicy/1]
# broken: instead features real | jq '.linux.memoryPolicy.modes += ["MPOL_NO_SUCH"]'
features
names=$(printf '%s' "$output" | jq -r '.linux.memoryPolicy.modes // [] | .[]')
[ -n "$names" ] || not_applicable 'a runtime that lists memory policies'
[ -e /proc/self/numa_maps ] || not_applicable 'a kernel with NUMA policies'
for name in $names; do
  case $name in MPOL_DEFAULT | MPOL_LOCAL) nodes= ;; *) nodes=0 ;; esac
  inside ".linux.memoryPolicy = {mode: \"$name\", nodes: \"$nodes\"}" "echo $name"
  expect output "$name" "$output"
done
