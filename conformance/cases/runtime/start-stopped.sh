# start of a stopped container is an error, and has no effect on it.
# [shows runtime.md#start/2]
# broken: instead start real || true
configure . 'echo started >> /data/log'
must create
must start
stopped
must_fail start
expect 'status' stopped "$(status_of)"
expect 'starts of the program' started "$(cat "$rootfs/data/log")"
