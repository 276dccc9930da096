# Each of the seccomp actions of the features can be asked for.
# [shows features-linux.md#seccomp/1]
# broken: instead features real | jq '.linux.seccomp.actions += ["SCMP_ACT_NO_SUCH"]'
features
names=$(printf '%s' "$output" | jq -r '.linux.seccomp.actions // [] | .[]')
[ -n "$names" ] || not_applicable 'a runtime that lists seccomp actions'
for name in $names; do
  # This one needs somebody who listens.
  [ "$name" != SCMP_ACT_NOTIFY ] || continue
  inside ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"swapoff\"], action: \"$name\"}]}" "echo $name"
  expect output "$name" "$output"
done
