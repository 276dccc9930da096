# A poststop hook that fails is no error: the hooks after it run, and the container is gone.
# [shows runtime.md#lifecycle/18 runtime.md#warnings/1]
# broken: config .hooks.poststop |= .[0:1]
configure 'hook("poststop"; "exit 3") | hook("poststop"; "echo second >> \($work)/log")'
must create
must start
stopped
must delete
expect 'hooks that ran' second "$(cat log 2> /dev/null)"
nothing_left
