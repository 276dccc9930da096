# createContainer hooks get the state on their standard input: id, bundle, annotations, and the process as their namespace sees it.
# [shows config.md#posix-platform-hooks/20 runtime.md#state/6]
# broken: config .hooks.createContainer[0].path = "/bin/sh" | .hooks.createContainer[0].args = ["sh", "-c", "echo > ../log"]
hook_hears createContainer
expect 'pid in the container' 1 "$(jq -r .pid log)"
expect_match 'status' 'creat*' "$(jq -r .status log)"
