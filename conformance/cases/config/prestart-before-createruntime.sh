# In create prestart hooks come first, then createRuntime, then createContainer hooks.
# [shows config.md#prestart/2 config.md#createcontainer-hooks/2 runtime.md#lifecycle/5 runtime.md#lifecycle/7 runtime.md#lifecycle/9]
# broken: config .hooks |= {prestart: .createRuntime, createRuntime: .prestart, createContainer}
configure 'reduce ("createContainer", "createRuntime", "prestart") as $name (.; hook($name; "echo \($name) >> \($work)/log"))' 'sleep 100'
must create
expect 'order' 'prestart createRuntime createContainer' "$(xargs < log)"
