# A hook that takes longer than its timeout is ended, and is one that failed.
# [rule config.md#posix-platform-hooks]
# broken: config .hooks.createRuntime[0].args = ["sh", "-c", "true"]
configure 'hook("createRuntime"; "exec sleep 15") | .hooks.createRuntime[0].timeout = 1'
before=$(date +%s)
must_fail create
[ $(($(date +%s) - before)) -lt 10 ] || fail 'create ends after the timeout' 'it waited for the hook'
