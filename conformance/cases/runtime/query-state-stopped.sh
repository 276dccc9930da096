# A container whose program has ended has the state stopped, until it is deleted.
# [shows runtime.md#query-state/3 runtime.md#state/4]
# broken: instead state real | jq '.status = "running"'
configure
must create
must start
stopped
must state
expect 'id, status, bundle' "$id stopped $bundle" "$(echo "$output" | jq -r '"\(.id) \(.status) \(.bundle)"')"
