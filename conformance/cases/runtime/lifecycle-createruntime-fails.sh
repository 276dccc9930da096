# A createRuntime hook that fails is an error of create; the container is stopped and taken away.
# [shows runtime.md#lifecycle/8]
# broken: config .hooks.createRuntime[0].args = ["true"] | .hooks.createRuntime[0].path = "/bin/true"
configure 'hook("createRuntime"; "exit 3")' 'sleep 100'
must_fail create
nothing_left
