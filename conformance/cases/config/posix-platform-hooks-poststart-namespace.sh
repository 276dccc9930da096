# poststart hooks are the host's programs, and run in the namespaces of the runtime.
# [shows config.md#posix-platform-hooks/15 config.md#posix-platform-hooks/16 config.md#poststart/2 config.md#poststart/3]
# broken: config .hooks.poststart[0].args[2] = "unshare -u sh -c '" + .hooks.poststart[0].args[2] + "'"
configure 'hook("poststart"; "readlink /proc/self/ns/uts /proc/self/ns/mnt /proc/self/root >> \($work)/log")'
must run
expect 'uts, mount namespace and root of the hook' "$(readlink /proc/self/ns/uts /proc/self/ns/mnt /proc/self/root)" "$(cat log)"
