# A seccomp profile without defaultAction is an error.
# [shows config-linux.md#seccomp/1]
# broken: config del(.linux.seccomp)
not_started '.linux.seccomp = {syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ALLOW"}]}'
