# listenerMetadata without listenerPath is an error.
# [shows config-linux.md#seccomp/8]
# broken: config del(.linux.seccomp)
not_started '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x", syscalls: [{names: ["swapoff"], action: "SCMP_ACT_ERRNO"}]}'
