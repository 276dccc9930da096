# A startContainer hook that fails is an error of start, and the container is stopped.
# [shows runtime.md#lifecycle/12]
# broken: config .hooks.startContainer[0].args = ["true"] | .hooks.startContainer[0].path = "/bin/true"
configure 'hook("startContainer"; "exit 3")' 'exec sleep 100'
must create
pid=$(pid_of)
must_fail start
ended "$pid"
