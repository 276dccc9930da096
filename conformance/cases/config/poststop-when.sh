# poststop hooks run in delete, after the container's process and cgroup are gone, and before delete returns.
# [shows config.md#poststop/1 runtime.md#lifecycle/17]
# broken: config del(.hooks)
configure "hook(\"poststop\"; \"ls -d $cgroups$cgroup > \\(\$work)/log 2> /dev/null; sleep 0.1; echo over >> \\(\$work)/log\")"
must create
must start
stopped
expect 'hooks before delete' '' "$(cat log 2> /dev/null)"
must delete
expect 'the cgroup, and the end of the hook' over "$(cat log 2> /dev/null)"
