# A signal that does not exist is an error, and none is sent.
# [rule runtime.md#kill]
# broken: instead kill true
configure . 'exec sleep 100'
must create
must start
running
must_fail signal NOSUCHSIGNAL
sleep 0.1
expect 'status' running "$(status_of)"
