# poststop hooks get the state on their standard input: id, bundle, annotations, and the process as their namespace sees it.
# [shows config.md#posix-platform-hooks/20 runtime.md#state/6]
# broken: config .hooks.poststop[0].path = "/bin/sh" | .hooks.poststop[0].args = ["sh", "-c", "echo > ../log"]
hook_hears poststop
expect 'status' stopped "$(jq -r .status log)"
