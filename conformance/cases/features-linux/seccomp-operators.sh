# Each of the seccomp operators of the features can be asked for.
# [shows features-linux.md#seccomp/2]
# broken: instead features real | jq '.linux.seccomp.operators += ["SCMP_CMP_NO_SUCH"]'
features
names=$(printf '%s' "$output" | jq -r '.linux.seccomp.operators // [] | .[]')
[ -n "$names" ] || not_applicable 'a runtime that lists seccomp operators'
for name in $names; do
  inside ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"swapoff\"], action: \"SCMP_ACT_ERRNO\", args: [{index: 0, value: 1, valueTwo: 1, op: \"$name\"}]}]}" "echo $name"
  expect output "$name" "$output"
done
