# startContainer hooks get the state on their standard input: id, bundle, annotations, and the process as their namespace sees it.
# [shows config.md#posix-platform-hooks/20 runtime.md#state/6]
# broken: config .hooks.startContainer[0].path = "/bin/sh" | .hooks.startContainer[0].args = ["sh", "-c", "echo > /data/log"]
configure 'hook("startContainer"; "echo \"$state\" > /data/log") | .annotations = {"org.example.key": "value"}' 'exec sleep 0.1'
must create
pid=$(pid_of)
must start
stopped
must delete
expect 'id, bundle, annotation' "$id $bundle value" "$(jq -r '"\(.id) \(.bundle) \(.annotations["org.example.key"])"' bundle/rootfs/data/log)"
expect 'pid in the container' 1 "$(jq -r .pid bundle/rootfs/data/log)"
expect_match 'status' 'creat*' "$(jq -r .status bundle/rootfs/data/log)"
