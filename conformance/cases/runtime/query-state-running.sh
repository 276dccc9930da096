# A container whose program runs has the state running, and its pid is that of the program.
# [shows runtime.md#query-state/3 runtime.md#state/4 runtime.md#state/6]
# broken: instead state real | jq '.status = "created"'
configure . 'exec sleep 77'
must create
must start
running
eventually 'pid is the program' grep -qz '^77$' "/proc/$(pid_of)/cmdline"
