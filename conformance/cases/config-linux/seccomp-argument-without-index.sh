# An argument of a seccomp rule without index is an error.
# [shows config-linux.md#seccomp/13]
# broken: config del(.linux.seccomp)
not_started '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapoff"], action: "SCMP_ACT_ERRNO", args: [{value: 1, op: "SCMP_CMP_EQ"}]}]}'
