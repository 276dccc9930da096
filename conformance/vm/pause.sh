#!/bin/sh
# pause and resume where the freezer meets controllers and limits: the status, what moves, what ends it. [man cgroups.7]
. ./common.sh

# ticks: how much the container has written
ticks() { cat "$bundle/rootfs/tmp/ticks" 2>/dev/null | wc -c; }
moves() { before=$(ticks); until_true sh -c "[ \$(wc -c < $bundle/rootfs/tmp/ticks) -gt $before ]"; }
status_of() { runtime state c; jq -r .status "$work/stdout"; }

limits '{memory: {limit: 67108864}, pids: {limit: 20}, cpu: {quota: 50000, period: 100000}}' \
  '.process.args = ["/bin/sh", "-c", "(while :; do echo x >> /tmp/ticks; sleep 0.05; done) & while :; do echo x >> /tmp/ticks; sleep 0.05; done"]'
create
created 'ticker'
runtime start c
check 'running' running "$(status_of)"
moves && pass 'it moves' || fail 'it moves'
runtime pause c
check 'pause: status' 0 "$status"
check 'pause: state' paused "$(status_of)"
check 'pause: the kernel says frozen' 1 "$(grep -c 'frozen 1' "$cgroups$group/c/cgroup.events")"
before=$(ticks)
sleep 1
check 'pause: nothing moves' "$before" "$(ticks)"
runtime exec c true
check_match 'exec in a paused container' '*cannot exec in a paused container*' "$error"
if $is_runt; then
  runtime pause c
  check_match 'pause twice' '*container not running*' "$error"
fi
runtime resume c
check 'resume: status' 0 "$status"
check 'resume: state' running "$(status_of)"
moves && pass 'resume: it moves' || fail 'resume: it moves'
runtime exec c true
check 'exec after resume' 0 "$status"
runtime pause c
runtime kill c KILL
until_true sh -c "'$RUNTIME' --root '$root' state c | grep -q stopped" || fail 'kill ends a paused container'
delete
check 'nothing left' '' "$(left)"

limits '{}'
create
runtime start c
runtime pause c
delete
check 'delete --force of a paused container: status' 0 "$status"
check 'delete --force of a paused container: nothing left' '' "$(left)"
finish
