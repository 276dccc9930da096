# ociVersionMin and ociVersionMax are versions, and the first is not the greater one.
# [shows features.md#specification-version/1 features.md#specification-version/3 features.md#specification-version/5]
# broken: instead features real | jq '.ociVersionMax = "0.9.0"'
features
set -- $(printf '%s' "$output" | jq -r '.ociVersionMin, .ociVersionMax')
expect_match 'ociVersionMin' '[0-9]*.[0-9]*.[0-9]*' "${1-}"
expect_match 'ociVersionMax' '[0-9]*.[0-9]*.[0-9]*' "${2-}"
expect 'the lesser one' "$1" "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)"
