# A seccomp action that does not exist is an error.
# [rule config-linux.md#seccomp]
# broken: config del(.linux.seccomp)
refused '.linux.seccomp = {defaultAction: "SCMP_ACT_NO_SUCH"}'
