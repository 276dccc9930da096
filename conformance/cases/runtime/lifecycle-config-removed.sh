# start, state, kill and delete do not need config.json any more.
# [shows runtime.md#lifecycle/4]
# broken: instead start [ -e "$root/../bundle/config.json" ] && real
configure . 'sleep 100'
must create
rm "$config"
must start
running
must signal KILL
stopped
must delete
