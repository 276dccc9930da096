# createRuntime hooks are the host's programs, and run in the namespaces of the runtime.
# [shows config.md#posix-platform-hooks/9 config.md#posix-platform-hooks/10 config.md#createruntime-hooks/2 config.md#createruntime-hooks/3]
# broken: config .hooks.createRuntime[0].args[2] = "unshare -u sh -c '" + .hooks.createRuntime[0].args[2] + "'"
configure 'hook("createRuntime"; "readlink /proc/self/ns/uts /proc/self/ns/mnt /proc/self/root >> \($work)/log")'
must run
expect 'uts, mount namespace and root of the hook' "$(readlink /proc/self/ns/uts /proc/self/ns/mnt /proc/self/root)" "$(cat log)"
