# poststart hooks get the state on their standard input: id, bundle, annotations, and the process as their namespace sees it.
# [shows config.md#posix-platform-hooks/20 runtime.md#state/6]
# broken: config .hooks.poststart[0].path = "/bin/sh" | .hooks.poststart[0].args = ["sh", "-c", "echo > ../log"]
configure 'hook("poststart"; "echo \"$state\" > \($work)/log") | .annotations = {"org.example.key": "value"}' 'exec sleep 0.1'
must create
pid=$(pid_of)
must start
stopped
must delete
expect 'id, bundle, annotation' "$id $bundle value" "$(jq -r '"\(.id) \(.bundle) \(.annotations["org.example.key"])"' log)"
expect 'status and pid' "running $pid" "$(jq -r '"\(.status) \(.pid)"' log)"
