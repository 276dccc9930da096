# poststart hooks run in start, after the program was executed, and before start returns.
# [shows config.md#poststart/1 runtime.md#lifecycle/14]
# broken: config del(.hooks)
configure '.process.args = ["/bin/sleep", "4321"] | hook("poststart"; "pid=$(printf %s \"$state\" | jq .pid); for _ in 1 2 3 4 5 6 7 8 9; do grep -qzx 4321 /proc/$pid/cmdline && break; sleep 0.1; done; tr \"\\0\" \" \" < /proc/$pid/cmdline > \($work)/log")'
must create
expect 'hooks in create' '' "$(cat log 2> /dev/null)"
must start
expect 'program that the hook saw' '/bin/sleep 4321 ' "$(cat log 2> /dev/null)"
