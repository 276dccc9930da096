# createRuntime hooks run in create, when the container's namespaces are there, and before the root is changed.
# [shows config.md#createruntime-hooks/1 runtime.md#lifecycle/7]
# broken: config del(.hooks)
configure 'hook("createRuntime"; "pid=$(printf %s \"$state\" | jq .pid); readlink /proc/$pid/ns/uts > \($work)/log; [ -e /proc/$pid/root\($work)/log ] && echo before >> \($work)/log")' 'sleep 100'
must create
expect 'namespace of the container, and its root' "$(readlink "/proc/$(pid_of)/ns/uts")
before" "$(cat log)"
