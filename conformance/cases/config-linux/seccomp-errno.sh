# A system call with the action SCMP_ACT_ERRNO fails with EPERM.
# [rule config-linux.md#seccomp]
# broken: config del(.linux.seccomp)
inside '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO"}]}' \
  'mkdir /data/made 2>&1; ls /data; grep "^Seccomp:" /proc/self/status'
expect_match 'what mkdir said' '*Operation not permitted
Seccomp:*2' "$output"
