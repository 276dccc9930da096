# kill of a container that does not exist is an error.
# [shows runtime.md#kill/2]
# broken: instead kill true
must_fail signal KILL
