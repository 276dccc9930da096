# The state has the annotations of the configuration.
# [rule runtime.md#state]
# broken: config .annotations = {}
configure '.annotations = {"org.example.key": "value", "other": ""}' 'sleep 100'
must create
must state
expect annotations 'value/' "$(echo "$output" | jq -r '.annotations | "\(.["org.example.key"])/\(.other)"')"
