#!/bin/sh
# events with all controllers: the numbers against the cgroup's files, OOM kills of init and of others, pressure.
. ./common.sh

in_stats() { jq -c "$1" "$work/stdout"; }

# watch: events of c, in the background, and returns when kills are counted; sets watcher. Those before are nobody's news.
watch() {
  timeout 240 "$RUNTIME" --root "$root" events --interval 1h c > "$work/events" 2> "$work/events-errors" &
  watcher=$!
  # What it has open says so. Another runtime may have other ways.
  if $is_runt; then until_true watches || fail 'the watch begins' "$(cat "$work/events-errors")"; else sleep 2; fi
}
watches() {
  ls -l "/proc/$(pgrep -P $watcher)/fd" > "$work/watched"
  grep -q memory.events "$work/watched" && grep -q cgroup.events "$work/watched"
}
told() { [ "$(wc -l < "$work/events")" -ge "$1" ]; }

# --- numbers --------------------------------------------------------------------------------------------------------
limits '{"memory": {"limit": 67108864, "swap": 67108864}, "pids": {"limit": 20}, "cpu": {"quota": 20000, "period": 100000}}' \
  '.process.args = ["sh", "-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; sleep 1000"]'
create
created events
runtime start c
throttled() { awk '/^throttled_usec/ { found = $2 > 2000 } END { exit !found }' $cgroups$group/c/cpu.stat; }
until_true throttled
runtime events --stats c
check 'status of --stats' 0 "$status"
check 'one line' 1 "$(wc -l < "$work/stdout")"
check 'envelope' '["stats","c"]' "$(in_stats '[.type, .id]')"
check 'memory limit' 67108864 "$(in_stats .data.memory.usage.limit)"
check 'limit of memory and swap' 67108864 "$(in_stats .data.memory.swap.limit)"
usage=$(in_stats .data.memory.usage.usage)
check 'memory is used' true "$([ "$usage" -gt 4096 ] && echo true)"
check 'the most is not less than now' true "$([ "$(in_stats .data.memory.usage.max)" -ge "$usage" ] && echo true)"
check 'every line of memory.stat' "$(wc -l < $cgroups$group/c/memory.stat)" "$(in_stats '.data.memory.raw | length')"
check 'cache is what files take' "$(in_stats .data.memory.raw.file)" "$(in_stats '.data.memory.cache // 0')"
check 'pids' '{"current":1,"limit":20}' "$(in_stats .data.pids)"
check 'throttled' true "$(in_stats '.data.cpu.throttling | .periods > 0 and .throttledPeriods > 0 and .throttledTime > 1000000')"
check 'processor time is in nanoseconds' true "$(in_stats '.data.cpu.usage | .total > 10000000 and .user <= .total')"
if [ -e $cgroups$group/c/hugetlb.2MB.current ]; then
  check 'huge pages' true "$(in_stats '.data.hugetlb | has("2MB")')"
else
  check 'no huge pages without their controller' '{}' "$(in_stats .data.hugetlb)"
fi
if [ -e $cgroups$group/c/cpu.pressure ]; then
  check 'pressure of the quota' true "$(in_stats '.data.cpu.psi.some.total > 0')"
else
  skip 'pressure of the quota' 'this kernel has none'
fi
if $is_runt; then
  check 'no warning with the memory controller' '' "$error"
fi
delete

# --- OOM kills ------------------------------------------------------------------------------------------------------
# The hog doubles a variable until the kernel ends it.
hog='x=0123456789abcdef; while :; do x=$x$x; done'
limits '{"memory": {"limit": 16777216, "swap": 16777216}}' '.process.args = ["sleep", "1000"]'
create
created 'oom'
runtime start c
watch
runtime exec c sh -c "$hog"
check 'the hog was killed' 137 "$status"
until_true told 1
check 'its kill was told once' '{"type":"oom","id":"c"}' "$(cat "$work/events")"
runtime exec c sh -c "$hog"
until_true told 2
check 'and the next as well' 2 "$(wc -l < "$work/events")"
delete
wait $watcher
check 'the watch ends with the container' 0 $?
check 'nothing was told of the end itself' 2 "$(wc -l < "$work/events")"
check 'the watch had nothing to complain' '' "$(cat "$work/events-errors")"

# init itself: the end and its reason come together
limits '{"memory": {"limit": 16777216, "swap": 16777216}}' ".process.args = [\"sh\", \"-c\", \"until [ -e /tmp/go ]; do sleep 0.1; done; $hog\"]"
create
created 'oom of init'
runtime start c
watch
touch "$bundle/rootfs/tmp/go"
wait $watcher
check 'the watch ends with init' 0 $?
check 'and told why it ended' '{"type":"oom","id":"c"}' "$(cat "$work/events")"
delete
check 'nothing is left' '' "$(left)"
finish
