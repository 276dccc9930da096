# Each of the seccomp architectures of the features can be asked for.
# [shows features-linux.md#seccomp/3]
# broken: instead features real | jq '.linux.seccomp.archs += ["SCMP_ARCH_NO_SUCH"]'
features
names=$(printf '%s' "$output" | jq -r '.linux.seccomp.archs // [] | .[]')
[ -n "$names" ] || not_applicable 'a runtime that lists seccomp architectures'
for name in $names; do
  # Those of the other byte order cannot stand in one filter with this machine's.
  case $name in *MIPS | *MIPS64 | *MIPS64N32 | *PPC | *PPC64 | *S390 | *S390X | *PARISC | *PARISC64 | *M68K | *SHEB) continue ;; esac
  inside ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", architectures: [\"$name\"], syscalls: [{names: [\"swapoff\"], action: \"SCMP_ACT_ERRNO\"}]}" "echo $name"
  expect output "$name" "$output"
done
