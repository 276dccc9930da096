# A seccomp rule without action is an error.
# [shows config-linux.md#seccomp/11]
# broken: config del(.linux.seccomp)
not_started '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapoff"]}]}'
