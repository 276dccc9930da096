# errnoRet is the error of a system call with the action SCMP_ACT_ERRNO.
# [rule config-linux.md#seccomp]
# broken: config del(.linux.seccomp.syscalls[0].errnoRet)
inside '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 28}]}' \
  'mkdir /data/made 2>&1; true'
expect_match 'what mkdir said' '*No space left on device' "$output"
