# delete of a container that does not exist is an error.
# [rule runtime.md#delete]
# broken: instead delete true
must_fail delete
