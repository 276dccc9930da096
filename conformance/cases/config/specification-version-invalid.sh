# An ociVersion that is no version is an error.
# [shows config.md#specification-version/1]
# broken: config .ociVersion = "1.0.0"
refused '.ociVersion = "one.zero"'
