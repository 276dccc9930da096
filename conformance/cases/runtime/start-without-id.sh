# start without an id is an error.
# [shows runtime.md#start/1]
# broken: instead start true
must_fail call start
