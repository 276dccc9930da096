#!/bin/sh
# Cgroups made by a user's manager (systemd --user): root's own here, by its socket, started for this test.
# [man user@.service.5] [man systemd.scope.5]
. ./common.sh

XDG_RUNTIME_DIR=/run/user/0
export XDG_RUNTIME_DIR
manager=vm-user-manager.service
group=/user.slice/$manager/user.slice
path="$cgroups$group/runc-c.scope"
left() {
  [ ! -e "$root/c" ] || echo "state $root/c"
  [ ! -e "$path" ] || echo "cgroup $path"
  [ "$(systemctl --user show -P LoadState runc-c.scope)" = not-found ] || echo 'unit runc-c.scope'
}

if $is_runt; then
  configure 'del(.linux.cgroupsPath)'
  runtime --systemd-cgroup --rootless true create --bundle "$bundle" c
  check_match 'no manager: status' '[1-9]*' "$status"
  check_match 'no manager: text' '*no systemd user manager found*' "$error"
fi
mkdir -p -m 700 $XDG_RUNTIME_DIR
systemd-run --quiet --unit=$manager -p Delegate=yes -p Slice=user.slice --setenv=XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR \
  /usr/lib/systemd/systemd --user
until_true systemctl --user is-system-running || until_true test -S $XDG_RUNTIME_DIR/systemd/private
configure 'del(.linux.cgroupsPath) | .linux.resources += {memory: {limit: 67108864}, pids: {limit: 50}}'
runtime --systemd-cgroup --rootless true create --bundle "$bundle" --pid-file "$work/pid" c
created 'create'
check 'cgroup' "0::$group/runc-c.scope" "$(cat "/proc/$(cat "$work/pid")/cgroup")"
check 'memory.max' 67108864 "$(cat "$path/memory.max")"
check 'pids.max' 50 "$(cat "$path/pids.max")"
check 'unit' active "$(systemctl --user is-active runc-c.scope)"
runtime start c
runtime exec c cat /proc/self/cgroup
check 'exec' 0::/ "$(cat "$work/stdout")"
runtime delete --force c
check 'delete' 0 "$status"
check 'delete: nothing left' '' "$(left)"
systemctl stop $manager
group=/none
finish
