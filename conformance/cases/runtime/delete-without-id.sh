# delete without an id is an error.
# [shows runtime.md#delete/1]
# broken: instead delete true
must_fail call delete
