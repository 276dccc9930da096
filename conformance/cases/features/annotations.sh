# The annotations of the features are a map of strings, without an empty key.
# [shows features.md#annotations/1]
# broken: instead features real | jq '.annotations = {"": 1}'
features
expect 'what is none' '' "$(printf '%s' "$output" | jq -r '.annotations // {} | to_entries[] | select(.key == "" or (.value | type) != "string") | .key + "="')"
