# create with an id that is in use is an error, and the container of that id goes on as before.
# [shows runtime.md#create/2]
# broken: instead create [ -n "$(ls "$root")" ] || real
configure . 'sleep 100'
must create
before=$(pid_of)
must_fail create
expect 'the first container' "$before created" "$(pid_of) $(status_of)"
