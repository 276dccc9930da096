# startContainer hooks run in start, before the program.
# [shows config.md#startcontainer-hooks/1 runtime.md#lifecycle/11]
# broken: config del(.hooks)
configure 'hook("startContainer"; "echo hook >> /data/log; sleep 0.1; echo over >> /data/log")' 'echo program >> /data/log'
must create
expect 'what ran in create' '' "$(cat "$rootfs/data/log" 2> /dev/null)"
must start
stopped
expect 'what ran in start' 'hook over program' "$(xargs < "$rootfs/data/log")"
