# A prestart hook that fails is an error of create; the container is stopped and taken away.
# [shows runtime.md#lifecycle/6]
# broken: config .hooks.prestart[0].args = ["true"] | .hooks.prestart[0].path = "/bin/true"
configure 'hook("prestart"; "exit 3")' 'sleep 100'
must_fail create
nothing_left
