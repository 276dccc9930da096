# The filter is loaded without noNewPrivileges as well.
# [rule config-linux.md#seccomp]
# broken: config del(.linux.seccomp)
inside '.process.noNewPrivileges = false | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO"}]}' \
  'grep -E "^(Seccomp|NoNewPrivs):" /proc/self/status | tr -d "\t"'
expect status 'NoNewPrivs:0
Seccomp:2' "$output"
