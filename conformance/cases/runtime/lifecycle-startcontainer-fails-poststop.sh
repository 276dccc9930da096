# After a startContainer hook that failed the lifecycle goes on where the container is destroyed: its poststop hooks are run.
# [shows runtime.md#lifecycle/12 runtime.md#lifecycle/17]
# broken: config del(.hooks.poststop)
configure 'hook("startContainer"; "exit 3") | hook("poststop"; "echo poststop >> \($work)/log")' 'exec sleep 100'
must create
must_fail start
expect 'hooks that ran' poststop "$(cat log 2> /dev/null)"
