#!/bin/sh
# An ordinary user and the manager that logind keeps for them (user@UID.service): cgroups made by it, with the controllers that
# were delegated to it, asked for from inside of its tree (a service of its own) and from outside (a shell of ssh, su or sudo),
# where exec needs its help too. [man user@.service.5, loginctl.1] [org.freedesktop.systemd1.5 AttachProcessesToUnit]
. ./common.sh

user=1234
home=/var/lib/vm-systemd-rootless
useradd --uid $user --create-home --home-dir "$home" vmuser 2> /dev/null
mkdir "$home/bundle"
cp -R "$bundle/rootfs" "$home/bundle/rootfs"
chown -R $user:$user "$home"
XDG_RUNTIME_DIR=/run/user/$user
own=/user.slice/user-$user.slice/user@$user.service
scope=$own/user.slice/runc-c.scope
path=$cgroups$scope
root=$XDG_RUNTIME_DIR/runt
pid_file=$XDG_RUNTIME_DIR/pid

# as_user COMMAND...: as the user, in the cgroup of this script, which is not below the user's manager
as_user() {
  setpriv --reuid $user --regid $user --init-groups env -i PATH="$PATH" HOME="$home" XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR \
    DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus "$@"
}
as_service() { as_user systemd-run --user --quiet --collect --wait --pipe "$@"; }
# where: as_user or as_service
ask() {
  status=0
  # One of a command before would pass for this one's.
  case " $* " in *' --pid-file '*) rm -f "$pid_file" ;; esac
  $where timeout -k 1 $patience "$RUNTIME" --systemd-cgroup "$@" > "$work/stdout" 2> "$work/stderr" < /dev/null || status=$?
  error=$(cat "$work/stderr") output=$(cat "$work/stdout")
}
users() { as_user systemctl --user "$@"; }
unit_is() { [ "$(users show -P LoadState runc-c.scope)" = "$1" ]; }
left() {
  unit_gone() { unit_is not-found; }
  until_true unit_gone || echo 'unit runc-c.scope'
  [ ! -e "$root/c" ] || echo "state $root/c"
  [ ! -e "$path" ] || echo "cgroup $path"
}
# bundle RESOURCES [FILTER]: root in the container is the user
bundle() {
  jq ".linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: $user, size: 1}]
    | .linux.gidMappings = .linux.uidMappings | .linux.resources += ($1) | ${2-.}" base.json > "$home/bundle/config.json"
}
file() { if [ -e "$path/$1" ]; then cat "$path/$1"; else echo absent; fi; }

loginctl enable-linger vmuser || fail 'logind takes the user' "$(journalctl -b --no-pager -u systemd-logind | tail -5)"
until_true test -S $XDG_RUNTIME_DIR/bus
until_true as_user systemctl --user is-active default.target
check 'the manager of the user' active "$(systemctl is-active user@$user.service)"
check 'what was delegated to it' 'cpu memory pids' "$(cat "$cgroups$own/cgroup.controllers")"

for each in as_service as_user; do
  where=$each
  bundle '{memory: {limit: 67108864}, pids: {limit: 7}, cpu: {shares: 512}}'
  ask create --bundle "$home/bundle" --pid-file $pid_file c
  created "$where"
  check "$where: cgroup" "0::$scope" "$(cat "/proc/$(cat $pid_file)/cgroup")"
  check "$where: limits" '67108864 7 59' "$(file memory.max) $(file pids.max) $(file cpu.weight)"
  check "$where: the cgroup belongs to the user" $user "$(stat -c %u "$path")"
  check "$where: the unit" active "$(users is-active runc-c.scope)"
  ask start c
  check "$where: start" 0 "$status"
  made=$where
  for where in as_service as_user; do
    title="made $made, exec $where"
    ask exec c cat /proc/self/cgroup
    check "$title: as it sees itself" '0 0::/' "$status $output"
    [ -z "$error" ] || echo "    $error"
    ask exec --detach --pid-file $pid_file c sleep 1000
    check "$title: as the host sees it" "0::$scope" "$(cat "/proc/$(cat $pid_file)/cgroup")"
    [ -z "$error" ] || echo "    $error"
    ask exec c sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; wait'
    check_match "$title: the limit holds" '*an?t fork*' "$error"
    kill -9 "$(cat $pid_file)"
  done
  where=$made
  ask update --memory 50331648 --pids-limit 20 --cpu-quota 20000 --cpu-period 100000 c
  check "$where: update" 0 "$status$error"
  check "$where: update: files" '50331648 20 20000 100000' "$(file memory.max) $(file pids.max) $(file cpu.max)"
  check "$where: update: systemd" '50331648 20' \
    "$(users show -P MemoryMax runc-c.scope) $(users show -P TasksMax runc-c.scope)"
  ask events --stats c
  check "$where: events" 20 "$(jq .data.pids.limit < "$work/stdout")"
  ask pause c
  check "$where: pause" '0 1' "$status $(file cgroup.freeze)"
  ask resume c
  check "$where: resume" '0 0' "$status $(file cgroup.freeze)"
  ask delete --force c
  check "$where: delete" 0 "$status$error"
  check "$where: nothing left" '' "$(left)"

  bundle '{pids: {limit: 7}}' '.process.args = ["/bin/cat", "/proc/self/cgroup"]'
  ask run --bundle "$home/bundle" c
  check "$where: run" '0 0::/' "$status $output"
  check "$where: run: nothing left" '' "$(left)"
  bundle '{}' '.process.args = ["/no/such"]'
  ask run --bundle "$home/bundle" c
  check_match "$where: no such program" '[1-9]*no such file*' "$status$error"
  check "$where: no such program: nothing left" '' "$(left)"
  bundle '{cpu: {cpus: "0"}}'
  ask create --bundle "$home/bundle" c
  check_match "$where: a controller that was not delegated" '*/linux/resources/cpu/cpus*' "$error"
  check "$where: a controller that was not delegated: nothing left" '' "$(left)"
done

where=as_user
# Ids of /etc/subuid, as engines map them.
echo "vmuser:100000:65536" | tee /etc/subuid > /etc/subgid
bundle '{pids: {limit: 7}}' ".linux.uidMappings += [{containerID: 1, hostID: 100000, size: 65536}]
  | .linux.gidMappings = .linux.uidMappings | .process.user = {uid: 5, gid: 5}"
ask create --bundle "$home/bundle" --pid-file $pid_file c
created 'a range of ids'
ask start c
check 'a range of ids: cgroup' "0::$scope" "$(cat "/proc/$(cat $pid_file)/cgroup")"
for id in 0 5; do
  ask exec --user $id:$id c id -u
  check "a range of ids: exec as $id from outside" "0 $id" "$status $output"
  [ -z "$error" ] || echo "    $error"
done
ask delete --force c
check 'a range of ids: nothing left' '' "$(left)"

# A container that has given its cgroup's controllers to groups inside: exec joins init there.
bundle '{memory: {limit: 67108864}}'
ask create --bundle "$home/bundle" --pid-file $pid_file c
created 'groups inside'
ask start c
as_user mkdir "$path/init"
cat "$path/cgroup.procs" > "$path/init/cgroup.procs"
echo +memory > "$path/cgroup.subtree_control"
for where in as_service as_user; do
  ask exec --detach --pid-file $pid_file c sleep 1000
  check "groups inside: exec $where" "0::$scope/init" "$(cat "/proc/$(cat $pid_file)/cgroup")"
  [ -z "$error" ] || echo "    $error"
done
ask delete --force c
check 'groups inside: nothing left' '' "$(left)"

loginctl disable-linger vmuser
systemctl stop user@$user.service
userdel vmuser
rm -rf "${home:?}"
root=/run/vm-state-$name
group=/none
finish
