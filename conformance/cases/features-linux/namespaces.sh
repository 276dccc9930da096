# Each of the namespaces of the features can be asked for.
# [shows features-linux.md#namespaces/1]
# broken: instead features real | jq '.linux.namespaces += ["no-such-type"]'
features
types=$(printf '%s' "$output" | jq -r '.linux.namespaces // [] | .[]')
[ -n "$types" ] || not_applicable 'a runtime that lists namespaces'
for type in $types; do
  inside "without(\"$type\") | if \"$type\" == \"user\" then users else .linux.namespaces += [{type: \"$type\"}] end" "echo $type"
  expect output "$type" "$output"
done
