# A defaultErrnoRet with an action that has no errno is an error.
# [shows config-linux.md#seccomp/2]
# broken: config del(.linux.seccomp)
not_started '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 28}'
