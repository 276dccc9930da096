# An argument of a seccomp rule without op is an error.
# [shows config-linux.md#seccomp/15]
# broken: config del(.linux.seccomp)
not_started '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["swapoff"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 1}]}]}'
