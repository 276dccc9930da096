# Each of the seccomp flags of the features that is supported can be asked for, and each is known.
# [shows features-linux.md#seccomp/4 features-linux.md#seccomp/5]
# broken: instead features real | jq '.linux.seccomp.supportedFlags += ["SECCOMP_FILTER_FLAG_NO_SUCH"]'
features
names=$(printf '%s' "$output" | jq -r '.linux.seccomp.supportedFlags // [] | .[]')
[ -n "$names" ] || not_applicable 'a runtime that lists supported seccomp flags'
expect 'supported flags that are not known' '' "$(printf '%s' "$output" | jq -r '(.linux.seccomp | .supportedFlags - .knownFlags)[]')"
for name in $names; do
  inside ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", flags: [\"$name\"], syscalls: [{names: [\"swapoff\"], action: \"SCMP_ACT_ERRNO\"}]}" "echo $name"
  expect output "$name" "$output"
done
