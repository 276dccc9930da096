# A createContainer hook that fails is an error of create; the container is stopped and taken away.
# [shows runtime.md#lifecycle/10]
# broken: config .hooks.createContainer[0].args = ["true"] | .hooks.createContainer[0].path = "/bin/true"
configure 'hook("createContainer"; "exit 3")' 'sleep 100'
must_fail create
nothing_left
