# start of a container that does not exist is an error.
# [shows runtime.md#start/2]
# broken: instead start true
must_fail start
