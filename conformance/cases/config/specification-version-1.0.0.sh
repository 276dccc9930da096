# A configuration of the first version of the specification runs.
# [rule config.md#specification-version]
# broken: config .ociVersion = "0.0.1-none"
inside '.ociVersion = "1.0.0"' 'echo ran'
expect output ran "$output"
