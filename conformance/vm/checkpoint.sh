#!/bin/sh
# Migration between two state roots by criu, for which a kernel that tracks changed memory and all capabilities are needed:
# iterative (pre-dumps, then a dump on top of them), lazy (the container runs while its memory still comes), and into a cgroup
# that systemd makes.
# [man runc-checkpoint.8] [criu.org/Iterative_migration] [criu.org/Lazy_migration]
. ./common.sh

there=$work/there
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mkfifo "$bundle/rootfs/tmp/fifo" 2> /dev/null
mkdir -p -m 700 "$there-root"
# It counts in memory, keeps 4 MiB more of it, which it touches only when asked for (the shell copies what it measures), and sleeps
# in read(1): a parent of vfork cannot be frozen.
# shellcheck disable=SC2016
configure '.root.readonly = false | .linux.cgroupsPath = "'"$group"'/c" | .process.args = ["sh", "-c",
  "i=0; ballast=$(head -c 4000000 /dev/zero | tr \"\\\\0\" x); exec 9<> /tmp/fifo; while :; do i=$((i+1)); x=; echo tick $i; read -t 0.3 x <&9; [ -z \"$x\" ] || echo memory ${#ballast}; done"]'
for applet in head tr; do ln -sf busybox "$bundle/rootfs/bin/$applet"; done
cp -a "$bundle" "$there"
# While its pages are fetched, both are there.
sed -i 's#/c"#/moved"#' "$there/config.json"
grep -q "$group/moved" "$there/config.json" || fail 'a cgroup of its own there' "$(jq .linux.cgroupsPath "$there/config.json")"

# Flags of begin and move.
driver=
ticks() { grep -o 'tick [0-9]*' "$1" | "$2" -n 1 | cut -d' ' -f2; }
has_tick() { grep -q 'tick' "$1"; }
has_memory() { grep -q 'memory 4000000' "$work/after"; }
begin() {
  # shellcheck disable=SC2086
  (: | "$RUNTIME" $driver --root "$root" run -d --bundle "$bundle" c 2>&1 | cat > "$work/before") > /dev/null 2>&1 &
  until_true has_tick "$work/before"
}
# move ARGUMENT...: restored from the other bundle, under the other state root
move() {
  rm -f "$work/after" "$work/moved"
  # shellcheck disable=SC2086
  ({ timeout 100 "$RUNTIME" $driver --root "$there-root" restore -d --bundle "$there" "$@" moved < /dev/null 2>&1; echo "status $?" > "$work/moved"; } | cat > "$work/after") > /dev/null 2>&1 &
  until_true test -e "$work/moved"
  check "$case: restored under another root" 'status 0' "$(cat "$work/moved"; grep -v tick "$work/after")"
  until_true has_tick "$work/after"
  check "$case: it counts on" $(($(ticks "$work/before" tail) + 1)) "$(ticks "$work/after" head)"
  echo x 1<> "$there/rootfs/tmp/fifo"
  until_true has_memory
  check "$case: it has its memory" 0 $?
}
end() {
  "$RUNTIME" --root "$there-root" delete -f moved
  check "$case: nothing left" '' "$(left; ls "$there-root" "$root" | grep -v ':$' | grep -v '^$')"
}

case=iterative
begin
runtime checkpoint --pre-dump --image-path "$work/m/1" c
check "$case: pre-dump" 0 "$status$error"
runtime state c
check "$case: it runs on" running "$(jq -r .status "$work/stdout")"
runtime checkpoint --pre-dump --parent-path ../1 --image-path "$work/m/2" c
check "$case: pre-dump on top of it" 0 "$status$error"
runtime checkpoint --parent-path ../2 --image-path "$work/m/3" c
check "$case: dump on top of that" 0 "$status$error"
check "$case: the container is gone here" '' "$(ls "$root")"
first=$(cat "$work"/m/1/pages-*.img | wc -c) last=$(cat "$work"/m/3/pages-*.img | wc -c)
echo "# memory in the images: first $((first / 1024)) KiB, last $((last / 1024)) KiB"
check "$case: the last images have less memory in them" true "$([ "$last" -lt "$first" ] && echo true)"
move --image-path "$work/m/3"
end

case=lazy
rm -f "$work/ready" "$work/dumped"
begin
(
  exec 3> "$work/ready"
  timeout 200 "$RUNTIME" --root "$root" checkpoint --lazy-pages --page-server 127.0.0.1:7777 --status-fd 3 --image-path "$work/lazy" c 2> "$work/dumped" < /dev/null
  echo "status $?" >> "$work/dumped"
) > /dev/null 2>&1 &
until_true test -s "$work/ready"
check "$case: one byte when the pages can be fetched" 1 "$(wc -c < "$work/ready")"
mkdir -p "$work/daemon"
ip link set lo up
criu lazy-pages --page-server --address 127.0.0.1 --port 7777 -D "$work/lazy" -W "$work/daemon" > "$work/daemon/out" 2>&1 < /dev/null &
until_true test -S "$work/daemon/lazy-pages.socket"
move --lazy-pages --image-path "$work/lazy" --work-path "$work/daemon"
until_true grep -q status "$work/dumped"
check "$case: the dump ends well when all pages are fetched" 'status 0' "$(cat "$work/dumped")"
end

case=systemd driver=--systemd-cgroup
scope=/vm.slice/vm-checkpoint.slice/runt-moved.scope
for each in "$bundle c" "$there moved"; do
  jq ".linux.cgroupsPath = \"vm-checkpoint.slice:runt:${each#* }\" | .linux.resources += {memory: {limit: 67108864}, pids: {limit: 50}}" \
    "${each% *}/config.json" > "$work/config.json" && cp "$work/config.json" "${each% *}/config.json"
done
units() { systemctl list-units --all --plain --no-legend 'runt-*.scope'; }
no_units() { [ -z "$(units)" ]; }
begin
runtime $driver checkpoint --image-path "$work/systemd" c
check "$case: checkpoint" 0 "$status$error"
until_true no_units
check "$case: no unit left here" '' "$(units)"
move --pid-file "$work/pid" --image-path "$work/systemd"
check "$case: the cgroup" "0::$scope" "$(cat "/proc/$(cat "$work/pid")/cgroup")"
check "$case: the unit" active "$(systemctl is-active runt-moved.scope)"
check "$case: limits" '67108864 50' "$(cat "$cgroups$scope/memory.max") $(cat "$cgroups$scope/pids.max")"
check "$case: systemd knows of the limits" '67108864 50' \
  "$(systemctl show -P MemoryMax runt-moved.scope) $(systemctl show -P TasksMax runt-moved.scope)"
end
until_true no_units
check "$case: no unit left" '' "$(units; ls -d "$cgroups$scope" 2> /dev/null)"
finish
