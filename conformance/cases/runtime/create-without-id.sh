# create without an id is an error.
# [shows runtime.md#create/1]
# broken: instead create true
configure
must_fail call create --bundle "$bundle"
