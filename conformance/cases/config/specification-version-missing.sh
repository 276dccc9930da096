# A configuration without ociVersion is an error.
# [shows config.md#specification-version/1]
# broken: config .ociVersion = "1.0.0"
refused 'del(.ociVersion)'
