# Annotations that are no map are an error.
# [shows config.md#annotations/1]
# broken: config del(.annotations)
refused '.annotations = ["org.example.list"]'
