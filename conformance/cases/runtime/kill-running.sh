# kill sends the signal that was asked for to the container process.
# [shows runtime.md#kill/3]
# broken: instead kill "$REAL" --root "$root" kill "$id" TERM
configure . 'trap "echo usr2 >> /data/log; exit" USR2; trap "echo term >> /data/log; exit" TERM; echo ready >> /data/log; while :; do sleep 0.02; done'
must create
must start
eventually 'the program runs' test -s "$rootfs/data/log"
must signal USR2
stopped
expect 'signals that came' 'ready
usr2' "$(cat "$rootfs/data/log")"
