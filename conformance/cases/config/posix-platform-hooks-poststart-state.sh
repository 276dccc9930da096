# poststart hooks get the state on their standard input: id, bundle, annotations, and the process as their namespace sees it.
# [shows config.md#posix-platform-hooks/20 runtime.md#state/6]
# broken: config .hooks.poststart[0].path = "/bin/sh" | .hooks.poststart[0].args = ["sh", "-c", "echo > ../log"]
hook_hears poststart
expect 'status and pid' "running $pid" "$(jq -r '"\(.status) \(.pid)"' log)"
