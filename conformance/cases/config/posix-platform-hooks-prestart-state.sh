# prestart hooks get the state on their standard input: id, bundle, annotations, and the process as their namespace sees it.
# [shows config.md#posix-platform-hooks/20 runtime.md#state/6]
# broken: config .hooks.prestart[0].path = "/bin/sh" | .hooks.prestart[0].args = ["sh", "-c", "echo > ../log"]
hook_hears prestart
expect 'pid' "$pid" "$(jq -r .pid log)"
expect_match 'status' 'creat*' "$(jq -r .status log)"
