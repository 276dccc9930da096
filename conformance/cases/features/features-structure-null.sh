# The features have no null.
# [rule features.md#features-structure]
# broken: instead features real | jq '.linux = null'
features
expect 'nulls' 0 "$(printf '%s' "$output" | jq '[.. | select(. == null)] | length')"
