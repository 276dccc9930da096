# A listener that cannot be reached is an error, and the program does not run.
# [shows config-linux.md#seccomp/6]
# broken: config del(.linux.seccomp)
not_started '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/no/such/socket", syscalls: [{names: ["swapoff"], action: "SCMP_ACT_NOTIFY"}]}'
