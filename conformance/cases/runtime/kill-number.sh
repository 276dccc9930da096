# A signal can be given by its number.
# [shows runtime.md#kill/3]
# broken: instead kill true
configure . 'trap "echo twelve >> /data/log; exit" 12; echo ready >> /data/log; while :; do sleep 0.02; done'
must create
must start
eventually 'the program runs' test -s "$rootfs/data/log"
must signal 12
stopped
expect 'signals that came' 'ready
twelve' "$(cat "$rootfs/data/log")"
