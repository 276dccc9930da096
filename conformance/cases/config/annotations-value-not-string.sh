# An annotation whose value is no string is an error.
# [shows config.md#annotations/25]
# broken: config del(.annotations)
refused '.annotations = {"org.example.number": 1}'
