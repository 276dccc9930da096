# create of a directory without config.json is an error.
# [shows bundle.md#container-format/1 runtime.md#create/1]
# broken: instead create true
must_fail create
nothing_left
