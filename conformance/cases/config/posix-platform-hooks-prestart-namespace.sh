# prestart hooks are the host's programs, and run in the namespaces of the runtime.
# [shows config.md#posix-platform-hooks/4 config.md#posix-platform-hooks/5 config.md#prestart/3 config.md#prestart/4]
# broken: config .hooks.prestart[0].args[2] = "unshare -u sh -c '" + .hooks.prestart[0].args[2] + "'"
configure 'hook("prestart"; "readlink /proc/self/ns/uts /proc/self/ns/mnt /proc/self/root >> \($work)/log")'
must run
expect 'uts, mount namespace and root of the hook' "$(readlink /proc/self/ns/uts /proc/self/ns/mnt /proc/self/root)" "$(cat log)"
