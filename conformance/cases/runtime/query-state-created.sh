# A container that was created has the state created, with id, absolute bundle, version and pid.
# [shows runtime.md#query-state/3 runtime.md#state/1..2 runtime.md#state/4 runtime.md#state/6..7]
# broken: instead state real | jq 'del(.pid)'
configure . 'sleep 100'
must create
must state
expect 'id, status, bundle' "$id created $bundle" "$(echo "$output" | jq -r '"\(.id) \(.status) \(.bundle)"')"
expect_match 'ociVersion' '[0-9]*.[0-9]*.[0-9]*' "$(echo "$output" | jq -r .ociVersion)"
expect 'pid is a process' yes "$([ -d "/proc/$(pid_of)" ] && echo yes)"
