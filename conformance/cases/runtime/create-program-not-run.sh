# create does not run the program.
# [shows runtime.md#create/5 runtime.md#lifecycle/3]
# broken: instead create real && "$REAL" --root "$root" start "$id"
configure . 'touch /data/ran'
must create
sleep 0.3
expect 'files of the program' '' "$(ls "$rootfs/data")"
