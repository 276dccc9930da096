# state of a container that does not exist is an error.
# [shows runtime.md#query-state/2]
# broken: instead state echo '{}'
must_fail state
