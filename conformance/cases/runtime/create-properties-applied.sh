# After create, before start, the container's environment is there: host name, mounts, cgroup.
# [shows runtime.md#create/4 runtime.md#lifecycle/1 runtime.md#lifecycle/3]
# broken: config del(.hostname)
configure '.hostname = "of-the-case" | mount("/data"; "tmpfs"; "tmpfs"; [])' 'sleep 100'
must create
pid=$(pid_of)
expect 'host name' of-the-case "$(nsenter -t "$pid" -u hostname)"
expect 'mount on /data' tmpfs "$(awk '$5 == "/data" { sub(".* - ", ""); print $1 }' "/proc/$pid/mountinfo")"
expect 'cgroup' 1 "$(grep -c "^0::.*$cgroup\$" "/proc/$pid/cgroup")"
