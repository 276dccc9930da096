# Each of the capabilities of the features can be asked for, and is no reason for a warning.
# [shows features-linux.md#capabilities/1]
# broken: instead features real | jq '.linux.capabilities += ["no capability"]'
features
names=$(printf '%s' "$output" | jq -c '.linux.capabilities // []')
[ "$names" != '[]' ] || not_applicable 'a runtime that lists capabilities'
expect 'names of another form' '' "$(printf '%s' "$names" | jq -r '.[] | select(test("^CAP_[A-Z_]+$") | not)')"
inside ".process.capabilities = {bounding: $names}" 'grep CapBnd /proc/self/status'
