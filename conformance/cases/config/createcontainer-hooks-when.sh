# createContainer hooks run in create, when the container's mounts are there, and before the root is changed.
# [shows config.md#createcontainer-hooks/1 runtime.md#lifecycle/9]
# broken: config del(.hooks)
configure 'mount("/data"; "tmpfs"; "of-the-case"; []) | hook("createContainer"; "grep -c \"/rootfs/data .* of-the-case\" /proc/self/mountinfo > \($work)/log")' 'sleep 100'
must create
expect 'mounts of the container, with the root where it is on the host' 1 "$(cat log)"
