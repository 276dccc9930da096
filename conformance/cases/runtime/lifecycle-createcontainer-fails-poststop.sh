# After a createContainer hook that failed the lifecycle goes on where the container is destroyed: its poststop hooks are run.
# [shows runtime.md#lifecycle/10 runtime.md#lifecycle/17]
# broken: config del(.hooks.poststop)
configure 'hook("createContainer"; "exit 3") | hook("poststop"; "echo poststop >> \($work)/log")' 'sleep 100'
must_fail create
expect 'hooks that ran' poststop "$(cat log 2> /dev/null)"
