# The same cgroupsPath is the same place each time, also when it is relative.
# [shows config-linux.md#cgroups-path/3]
# broken: config .linux.cgroupsPath += "-\(now)"
seen=
for _ in 1 2; do
  configure '.linux.cgroupsPath = "cases-relative/\($id)"' 'sleep 100'
  must create
  seen="$seen $(sed -n 's/^0:://p' "/proc/$(pid_of)/cgroup")"
  must signal KILL
  stopped
  must delete
done
# shellcheck disable=SC2086
set -- $seen
expect 'the cgroup of the second container' "$1" "$2"
expect_match 'the cgroup' "*cases-relative/$id" "$1"
rmdir "$cgroups/${1#/}" "$cgroups/cases-relative" 2> /dev/null || true
