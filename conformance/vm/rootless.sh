#!/bin/sh
# An ordinary user: limits in a delegated cgroup, a controller that nobody gave to it, limits without any right.
. ./common.sh

user=4321
home=/var/lib/vm-rootless-home
mkdir -p "$home" "$home/bundle"
cp -R "$bundle/rootfs" "$home/bundle/rootfs"
mkdir "$home/state"
chmod 755 "$home"
chmod 700 "$home/state"
chown -R $user:$user "$home/bundle" "$home/state"
root=$home/state

echo '+pids +memory +cpu' > $cgroups/cgroup.subtree_control
mkdir -p "$cgroups$group"
echo '+pids +memory' > "$cgroups$group/cgroup.subtree_control"
mkdir "$cgroups$group/foreign" "$cgroups$group/user" "$cgroups$group/user/own"
for directory in user user/own; do
  for file in . cgroup.procs cgroup.subtree_control cgroup.threads; do chown $user:$user "$cgroups$group/$directory/$file"; done
done

# as_user CGROUP ARGUMENT...: the runtime as the user from a cgroup; sets status, error, output
as_user() {
  place=$1
  shift
  status=0
  # shellcheck disable=SC2016
  timeout -k 1 $patience sh -c 'echo $$ > "$0/cgroup.procs" && exec "$@"' "$cgroups$place" \
    setpriv --reuid $user --regid $user --clear-groups "$RUNTIME" --root "$root" "$@" \
    > "$work/stdout" 2> "$work/stderr" < /dev/null || status=$?
  error=$(cat "$work/stderr") output=$(cat "$work/stdout")
}

# rootless RESOURCES [FILTER]: the configuration of the user's container
rootless() {
  jq ".linux.namespaces += [{type: \"user\"}] | .linux.uidMappings = [{containerID: 0, hostID: $user, size: 1}]
    | .linux.gidMappings = .linux.uidMappings | .linux.resources += ($1) | ${2-.}" base.json > "$home/bundle/config.json"
}

inside=$cgroups$group/user/c
here=$group/user/own

rootless '{pids: {limit: 7}, memory: {limit: 67108864}}'
as_user "$here" create --bundle "$home/bundle" c
created 'limits in a delegated cgroup'
check 'pids.max' 7 "$(cat "$inside/pids.max")"
check 'memory.max' 67108864 "$(cat "$inside/memory.max")"
check 'it belongs to the user' $user "$(stat -c %u "$inside")"
as_user "$here" start c
check 'start' 0 "$status"
as_user "$here" exec c sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 5 & done; wait'
check_match 'the limit holds for exec too' '*an?t fork*' "$error"
as_user "$group/foreign" exec c true
check_match 'exec from outside of the delegated cgroup: refused, as there are limits' '*no process may be put*' "$error"
as_user "$here" delete --force c
check 'delete' 0 "$status"
check 'nothing left' '' "$(find "$cgroups$group/user" -mindepth 1 -type d ! -name own; ls "$root")"

rootless '{cpu: {shares: 512}}'
as_user "$here" create --bundle "$home/bundle" c
check_match 'a controller that was not delegated' '*enable the controller "cpu": /linux/resources/cpu/shares*EACCES*not yours*' "$error"
check 'nothing left' '' "$(find "$cgroups$group/user" -mindepth 1 -type d ! -name own; ls "$root")"

rootless '{pids: {limit: 7}}'
as_user "$group/foreign" create --bundle "$home/bundle" c
check_match 'a limit without any right' '*/linux/resources/pids/limit*rootless needs no limits*' "$error"
rootless '{}' '.process.args = ["/bin/cat", "/proc/self/cgroup"]'
as_user "$group/foreign" run --bundle "$home/bundle" c
check 'no limit and no right: it runs' '0 0::/' "$status $output"
check 'nothing left' '' "$(ls "$root")"

rmdir "$cgroups$group/foreign" "$cgroups$group/user/own" "$cgroups$group/user"
root=/run/vm-state-$name
rm -rf "${home:?}"
finish
