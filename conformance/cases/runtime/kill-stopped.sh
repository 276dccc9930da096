# A signal to a stopped container is an error, and changes nothing.
# [shows runtime.md#kill/2]
# broken: instead kill true
configure
must create
must start
stopped
must_fail signal KILL
expect 'status afterwards' stopped "$(status_of)"
