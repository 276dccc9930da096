# start of a running container is an error, and has no effect on it.
# [shows runtime.md#start/2]
# broken: instead start real || true
configure . 'echo started >> /data/log; exec sleep 100'
must create
must start
running
before=$(pid_of)
must_fail start
expect 'the container' "$before running" "$(pid_of) $(status_of)"
eventually 'the program runs' test -s "$rootfs/data/log"
expect 'starts of the program' started "$(cat "$rootfs/data/log")"
