# delete of a stopped container takes it away.
# [shows runtime.md#delete/3 runtime.md#lifecycle/16 runtime.md#operations/1]
# broken: instead delete true
configure
must create
must start
stopped
must delete
nothing_left
