# After a startContainer hook that failed the program is not run.
# [shows runtime.md#lifecycle/12]
# broken: config .hooks.startContainer[0].args = ["true"] | .hooks.startContainer[0].path = "/bin/true"
configure 'hook("startContainer"; "exit 3")' 'touch /data/ran'
must create
must_fail start
sleep 0.2
expect 'files of the program' '' "$(ls "$rootfs/data")"
