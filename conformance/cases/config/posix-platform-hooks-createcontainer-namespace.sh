# createContainer hooks are the host's programs, and run in the namespaces of the container.
# [shows config.md#posix-platform-hooks/11 config.md#posix-platform-hooks/12 config.md#createcontainer-hooks/3 config.md#createcontainer-hooks/4]
# broken: config del(.hooks)
configure 'hook("createContainer"; "readlink /proc/self/ns/uts /proc/self/ns/mnt >> \($work)/log")' 'readlink /proc/self/ns/uts; readlink /proc/self/ns/mnt'
must run
expect 'uts and mount namespace of the hook' "$output" "$(cat log)"
