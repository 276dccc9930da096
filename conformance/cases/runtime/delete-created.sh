# delete of a container that was created and is not stopped is an error, and has no effect on it.
# [shows runtime.md#delete/2]
# broken: instead delete "$REAL" --root "$root" delete --force "$id"
configure . 'sleep 100'
must create
before=$(pid_of)
must_fail delete
expect 'the container' "$before created" "$(pid_of) $(status_of)"
must start
