# kill without an id is an error.
# [shows runtime.md#kill/1]
# broken: instead kill true
must_fail call kill
