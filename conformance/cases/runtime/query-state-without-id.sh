# state without an id is an error.
# [shows runtime.md#query-state/1]
# broken: instead state true
must_fail call state
