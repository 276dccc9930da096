# A cgroup that is there already can be the container's, and processes that are in it are not touched by create.
# [shows config-linux.md#cgroups-path/3 config-linux.md#control-groups/1]
# broken: instead create real && for pid in $(cat /sys/fs/cgroup/cases/*/other/cgroup.procs); do kill -9 "$pid"; done
mkdir -p "$cgroups$cgroup/other"
sleep 100 &
other=$!
echo "$other" > "$cgroups$cgroup/other/cgroup.procs"
configure '.linux.cgroupsPath += "/container"' 'exec sleep 100'
must create
expect 'the other process' yes "$(kill -0 "$other" && echo yes)"
must signal KILL
stopped
must delete
expect 'the other process' yes "$(kill -0 "$other" && echo yes)"
