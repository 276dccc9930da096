# An argument of a seccomp rule without value is an error.
# [shows config-linux.md#seccomp/14]
# broken: config del(.linux.seccomp)
not_started '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapoff"], action: "SCMP_ACT_ERRNO", args: [{index: 0, op: "SCMP_CMP_EQ"}]}]}'
