# Two containers with two ids are two: each has its own state and its own process.
# [shows runtime.md#state/3 runtime.md#scope-of-a-container/1]
# broken: instead state real | jq '.pid = 1'
configure . 'exec sleep 100'
must create
first=$(pid_of)
configure '.linux.cgroupsPath += "-other"' 'exec sleep 100'
status=0
"$RUNTIME" --root "$root" create --bundle "$bundle" "$id-other" < /dev/null > /dev/null 2>&1 || status=$?
expect 'status of the second create' 0 "$status"
call state "$id-other"
second=$(echo "$output" | jq .pid)
[ "$first" != "$second" ] || fail 'two processes' "pid $first twice"
must signal KILL
stopped
call state "$id-other"
expect 'the other one' created "$(echo "$output" | jq -r .status)"
call delete --force "$id-other"
rmdir "$cgroups$cgroup-other" 2> /dev/null || true
