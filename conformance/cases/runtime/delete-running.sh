# delete of a running container is an error, and has no effect on it.
# [shows runtime.md#delete/2]
# broken: instead delete "$REAL" --root "$root" delete --force "$id"
configure . 'exec sleep 100'
must create
must start
running
before=$(pid_of)
must_fail delete
expect 'the container' "$before running" "$(pid_of) $(status_of)"
