# create with a bundle that is not there is an error.
# [shows runtime.md#create/1]
# broken: instead create true
bundle=$work/none
must_fail create
