# SCMP_ACT_KILL_PROCESS ends a process that makes the system call, by SIGSYS.
# [rule config-linux.md#seccomp]
# broken: config del(.linux.seccomp)
inside '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_KILL_PROCESS"}]}' \
  'mkdir /data/made 2> /dev/null; echo $?'
expect 'status of mkdir, 128 + SIGSYS' 159 "$output"
