# An errnoRet with an action that has no errno is an error.
# [shows config-linux.md#seccomp/12]
# broken: config del(.linux.seccomp)
not_started '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapoff"], action: "SCMP_ACT_KILL", errnoRet: 28}]}'
