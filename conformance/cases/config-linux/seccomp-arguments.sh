# A rule with args is only for the calls whose arguments fit: chmod to 0700 fails, to 0711 not.
# [rule config-linux.md#seccomp]
# broken: config del(.linux.seccomp.syscalls[].args)
inside '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
  {names: ["chmod"], action: "SCMP_ACT_ERRNO", args: [{index: 1, value: 448, op: "SCMP_CMP_EQ"}]},
  {names: ["fchmodat"], action: "SCMP_ACT_ERRNO", args: [{index: 2, value: 448, op: "SCMP_CMP_EQ"}]}]}' \
  'touch /data/file; chmod 711 /data/file; chmod 700 /data/file 2> /dev/null; stat -c %a /data/file'
expect mode 711 "$output"
