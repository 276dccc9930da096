# A seccomp architecture that does not exist is an error.
# [rule config-linux.md#seccomp]
# broken: config del(.linux.seccomp)
refused '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_NO_SUCH"], syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]}'
