# cpu.shares become a weight of the cgroup: more than the least, and less than that of more shares.
# [rule config-linux.md#cpu]
# broken: config del(.linux.resources.cpu)
need_controller cpu
for shares in 512 2048; do
  configure ".linux.resources.cpu = {shares: $shares}" 'exec sleep 100'
  must create
  [ -e "$cgroups$cgroup/cpu.weight" ] || fail 'a weight of the cgroup' none
  cat "$cgroups$cgroup/cpu.weight" > "weight-$shares"
  must signal KILL
  stopped
  must delete
done
checks=1
[ "$(cat weight-512)" -gt 1 ] && [ "$(cat weight-512)" -lt "$(cat weight-2048)" ] || fail 'a smaller weight for 512 shares than for 2048' "$(cat weight-512 weight-2048)"
