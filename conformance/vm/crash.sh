#!/bin/sh
# A runtime that is killed, and runtimes that get in each other's way, with limits: nothing may be left, nobody may fail.
. ./common.sh

# processes: of containers, whoever started them
processes() { ps -eo pid,args | grep -E '[r]unt.* create |[s]leep 1000|[r]unt init'; }

limits '{memory: {limit: 67108864}, pids: {limit: 20}, cpu: {shares: 512, cpus: "1"}}'
killed=0
# A hook of a moment holds create in the middle, for the later half of the delays.
kill_after() {
  "$RUNTIME" --root "$root" create --bundle "$bundle" c < /dev/null > /dev/null 2>&1 &
  creator=$!
  [ "$1" = 0 ] || sleep "$1"
  kill -9 $creator 2>/dev/null && killed=$((killed + 1))
  wait $creator 2>/dev/null
  delete
  check "$2 killed after $1 s: delete --force" 0 "$status"
  [ "$status" = 0 ] || echo "    $error"
  is_gone() { [ -z "$(left)$(processes)" ]; }
  until_true is_gone
  check "$2 killed after $1 s: nothing left" '' "$(left)$(processes)"
  # One failure is to stay one.
  [ ! -e "$root/c" ] || { ls -la "$root/c" | sed 's/^/    /'; rm -r "$root/c"; }
}
resources='{memory: {limit: 67108864}, pids: {limit: 20}, cpu: {shares: 512, cpus: "1"}}'
limits "$resources"
for delay in 0 0 0.004 0.008 0.012 0.016 0.02 0.03 0.04; do kill_after $delay create; done
for hook in prestart createRuntime createContainer; do
  limits "$resources" ".hooks.$hook = [{path: \"/bin/sleep\", args: [\"sleep\", \"0.5\"]}]"
  for delay in 0.1 0.2; do kill_after $delay "create in its $hook hook"; done
done
echo "# $killed of 15 were killed in time"

# All below one parent, which none of them finds: each makes it, gives it controllers, and takes it away again.
$is_runt && for round in 1 2 3; do
  for member in 1 2 3 4; do
    mkdir -p "$work/$member"
    ln -sfn "$bundle/rootfs" "$work/$member/rootfs"
    limits '{memory: {limit: 67108864}, pids: {limit: 20}}' \
      ".linux.cgroupsPath = \"$group/shared/$member\" | .process.args = [\"true\"] | .root.path = \"$bundle/rootfs\""
    cp "$bundle/config.json" "$work/$member/config.json"
    { timeout $patience "$RUNTIME" --root "$root" run --bundle "$work/$member" "member$member" < /dev/null > "$work/$member/log" 2>&1
      echo "$?" >> "$work/$member/log"; } &
  done
  wait
  check "four at once, round $round" '0 0 0 0' "$(cat "$work"/[1-4]/log | tr '\n' ' ' | sed 's/ $//')"
  check "four at once, round $round: nothing left" '' "$(ls -d "$cgroups$group/shared" 2>/dev/null; ls "$root")"
done

# Two of one name: one wins.
$is_runt && for round in 1 2 3; do
  limits '{pids: {limit: 20}}'
  for rival in 1 2; do
    { timeout $patience "$RUNTIME" --root "$root" create --bundle "$bundle" c < /dev/null > /dev/null 2> "$work/rival$rival"
      echo "$?" > "$work/status$rival"; } &
  done
  wait
  check "two of one name, round $round: one wins" '0 1' "$(sort "$work/status1" "$work/status2" | tr '\n' ' ' | sed 's/ $//')"
  check_match "two of one name, round $round: the other says so" '*exist*' "$(cat "$work/rival1" "$work/rival2")"
  delete
  check "two of one name, round $round: nothing left" '' "$(left)"
done
finish
