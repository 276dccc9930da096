# create makes a container that was not there before, and that waits for start.
# [shows runtime.md#create/3 runtime.md#operations/1]
# broken: instead create true
configure . 'sleep 100'
must_fail state
must create
expect status created "$(status_of)"
