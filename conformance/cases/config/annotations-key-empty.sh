# An annotation whose key is empty is an error.
# [shows config.md#annotations/3]
# broken: config del(.annotations)
refused '.annotations = {"": "value"}'
