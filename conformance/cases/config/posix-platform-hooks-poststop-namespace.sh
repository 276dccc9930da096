# poststop hooks are the host's programs, and run in the namespaces of the runtime.
# [shows config.md#posix-platform-hooks/17 config.md#posix-platform-hooks/18 config.md#poststop/2 config.md#poststop/3]
# broken: config .hooks.poststop[0].args[2] = "unshare -u sh -c '" + .hooks.poststop[0].args[2] + "'"
configure 'hook("poststop"; "readlink /proc/self/ns/uts /proc/self/ns/mnt /proc/self/root >> \($work)/log")'
must run
expect 'uts, mount namespace and root of the hook' "$(readlink /proc/self/ns/uts /proc/self/ns/mnt /proc/self/root)" "$(cat log)"
