# unified writes files that no other property is for, whatever the runtime knows of them.
# [shows config-linux.md#unified/1 config-linux.md#unified/2]
# broken: config del(.linux.resources.unified)
need_controller memory
configure '.linux.resources.unified = {"memory.high": "50331648"}' 'exec sleep 100'
must create
[ -e "$cgroups$cgroup/memory.high" ] || fail 'the memory controller in the cgroup' none
expect memory.high 50331648 "$(cat "$cgroups$cgroup/memory.high")"
