# The state has the types that its schema asks for.
# [shows runtime.md#state/8]
# broken: instead state real | jq '.pid = "\(.pid)"'
configure '.annotations = {"org.example.key": "value"}' 'sleep 100'
must create
must state
expect types 'string string string number string object' "$(echo "$output" |
  jq -r '[.ociVersion, .id, .status, .pid, .bundle, .annotations] | map(type) | join(" ")')"
