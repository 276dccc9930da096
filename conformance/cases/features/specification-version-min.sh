# ociVersionMin is accepted as the ociVersion of a configuration.
# [shows features.md#specification-version/2]
# broken: instead features real | jq '.ociVersionMin = "0.0.0-none"'
features
version=$(printf '%s' "$output" | jq .ociVersionMin)
inside ".ociVersion = $version" 'echo ran'
expect output ran "$output"
