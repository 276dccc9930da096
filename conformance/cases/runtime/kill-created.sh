# kill reaches the process of a container that was created and not started.
# [shows runtime.md#kill/3]
# broken: instead kill true
configure . 'sleep 100'
must create
must signal KILL
stopped
