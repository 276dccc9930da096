# create with an empty id is an error.
# [shows runtime.md#create/2]
# broken: instead create true
configure
must_fail call create --bundle "$bundle" ''
