# Annotations that nobody knows are ignored.
# [shows config.md#annotations/24]
# broken: config .annotations["org.example.unheard.of"] = {}
inside '.annotations = {"org.example.unheard.of": "x", "com.example.empty": ""}' 'echo ran'
expect output ran "$output"
