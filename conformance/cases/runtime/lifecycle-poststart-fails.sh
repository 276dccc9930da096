# A poststart hook that fails is an error of start, and the container is stopped.
# [shows runtime.md#lifecycle/15]
# broken: config .hooks.poststart[0].args = ["true"] | .hooks.poststart[0].path = "/bin/true"
configure 'hook("poststart"; "exit 3")' 'exec sleep 100'
must create
pid=$(pid_of)
must_fail start
ended "$pid"
