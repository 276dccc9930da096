# ociVersionMax is accepted as the ociVersion of a configuration.
# [shows features.md#specification-version/4]
# broken: instead features real | jq '.ociVersionMax = "99.0.0"'
features
version=$(printf '%s' "$output" | jq .ociVersionMax)
inside ".ociVersion = $version" 'echo ran'
expect output ran "$output"
