#!/bin/sh
# AppArmor profiles: enforced in init and in exec whatever else the configuration asks for, inherited by exec, refused when they
# are not loaded. What a profile denies is a file of the root file system that everybody may read without it.
. ./common.sh

for each in quiet other; do
  apparmor_parser -K -r <<PROFILE || fail "profile vm-$each" 'apparmor_parser failed'
profile vm-$each flags=(attach_disconnected,mediate_deleted) {
  file, capability, network, signal, unix, mount, umount, ptrace, userns,
  deny /denied-by-$each rw,
}
PROFILE
done
echo secret > "$bundle/rootfs/denied-by-quiet"
echo secret > "$bundle/rootfs/denied-by-other"
look='cat /proc/self/attr/current; cat /denied-by-quiet 2>&1; cat /denied-by-other 2>&1'
enforced="vm-quiet (enforce)
cat: can't open '/denied-by-quiet': Permission denied
secret"
free='unconfined
secret
secret'
quiet='.process.apparmorProfile = "vm-quiet"'
shell() { echo ".linux.cgroupsPath = \"$group/c\" | .process.args = [\"sh\", \"-c\", $(printf %s "$1" | jq -Rs .)]"; }
users='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
filter='.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["write"], action: "SCMP_ACT_ALLOW"}, {names: ["reboot"], action: "SCMP_ACT_ERRNO"}]}'

# inside NAME FILTER EXPECTED: what init sees, by run and by create and start
inside() {
  configure "$(shell "$look") | $2"
  run
  check "$1: run" "$3" "$output"
  [ -z "$error" ] || echo "    $error" | head -c 500
  configure "$(shell "{ $look; } > /tmp/seen 2>&1; sleep 1000") | $2"
  rm -f "$bundle/rootfs/tmp/seen"
  create
  created "$1"
  runtime start c
  until_true grep -c secret "$bundle/rootfs/tmp/seen" && until_true sh -c "[ \$(wc -l < $bundle/rootfs/tmp/seen) = 3 ]"
  check "$1: create and start" "$3" "$(cat "$bundle/rootfs/tmp/seen" 2>&1)"
  delete
  check "$1: nothing left" '' "$(left)"
}
chmod 1777 "$bundle/rootfs/tmp"
inside 'without a profile' . "$free"
inside 'unconfined' '.process.apparmorProfile = "unconfined"' "$free"
inside 'a profile' "$quiet" "$enforced"
inside 'with privileges to be gained' "$quiet | .process.noNewPrivileges = false" "$enforced"
inside 'with seccomp' "$quiet | $filter" "$enforced"
inside 'with seccomp before the credentials' "$quiet | $filter | .process.noNewPrivileges = false" "$enforced"
inside 'as a user' "$quiet | .process.user = {uid: 1000, gid: 1000}" "$enforced"
inside 'in a user namespace' "$quiet | $users" "$enforced"

# A /proc that is none must not be what the profile is written to. [CVE-2019-16884]
configure "$(shell 'cat /denied-by-quiet 2>&1; true') | $quiet | .mounts[0] = {destination: \"/proc\", type: \"tmpfs\", source: \"tmpfs\"}"
run
case $error$output in
*'Permission denied') pass 'a tmpfs on /proc: enforced all the same' ;;
*/mounts/0*) pass 'a tmpfs on /proc: refused' ;;
*) fail 'a tmpfs on /proc' "$output" "$error" ;;
esac

# Nothing of the label's files stays open, for init and exec.
configure "$(shell 'ls /proc/self/fd | wc -l') | $quiet"
run
check 'no descriptor of ours in init' 4 "$output"

# Programs of the host do not get the profile, those of the container do.
printf '#!/bin/sh\ncat /proc/self/attr/current > %s/hook\n' "$work" > "$work/hook.sh"
chmod +x "$work/hook.sh"
configure "$(shell true) | $quiet | .hooks = {createContainer: [{path: \"$work/hook.sh\"}]}"
run
check 'createContainer hooks are not confined' unconfined "$(cat "$work/hook")"

# exec NAME EXPECTED FLAG...: what a process sees that is added to the container
exec_sees() {
  title=$1 expected=$2
  shift 2
  runtime exec "$@"
  check "exec $title" "$expected" "$(cat "$work/stdout")"
  [ -z "$error" ] || echo "    $error" | head -c 500
}
other="vm-other (enforce)
secret
cat: can't open '/denied-by-other': Permission denied"
process() { jq -n "{cwd: \"/\", args: [\"sh\", \"-c\", $(printf %s "$look" | jq -Rs .)], env: [\"PATH=/bin\"], noNewPrivileges: true} + $1" > "$work/process.json"; }
for kind in '.' "$users" '.linux.namespaces |= map(select(.type != "pid"))'; do
  configure ".linux.cgroupsPath = \"$group/c\" | $quiet | $kind"
  create
  created "exec, $kind"
  runtime start c
  exec_sees 'has the profile of the container' "$enforced" c sh -c "$look"
  exec_sees --apparmor "$other" --apparmor vm-other c sh -c "$look"
  exec_sees '--apparmor unconfined' "$free" --apparmor unconfined c sh -c "$look"
  process '{}'
  exec_sees 'of a process.json that names none' "$enforced" --process "$work/process.json" c
  process '{apparmorProfile: "vm-other"}'
  exec_sees 'of a process.json' "$other" --process "$work/process.json" c
  exec_sees 'leaks no descriptor' 4 c sh -c 'ls /proc/self/fd | wc -l'
  runtime exec --apparmor vm-missing c true
  check 'exec with a profile that is not loaded: status' 255 "$status"
  check_match 'exec with a profile that is not loaded' '*vm-missing*/process/apparmorProfile*no profile with this name is loaded*' "$error"
  delete
done

for each in vm-missing 'with space' 'vm-quiet//&vm-missing' '/'; do
  configure ".linux.cgroupsPath = \"$group/c\" | .process.apparmorProfile = \"$each\""
  create
  complain "profile \"$each\"" "$each" /process/apparmorProfile
done

# On a host without SELinux a label is refused, a label for mounts ignored.
configure ".linux.cgroupsPath = \"$group/c\" | .process.selinuxLabel = \"system_u:system_r:container_t:s0\""
create
complain 'selinuxLabel without SELinux' /process/selinuxLabel 'SELinux is not enabled'
configure "$(shell 'echo runs') | .linux.mountLabel = \"system_u:object_r:container_file_t:s0\""
run
check 'mountLabel without SELinux' runs "$output"

# Stacked profiles are one label.
configure "$(shell "$look") | .process.apparmorProfile = \"vm-other//&vm-quiet\""
run
check_match 'stacked profiles' "vm-*//&vm-* (enforce)*'/denied-by-quiet': Permission denied*'/denied-by-other': Permission denied" "$output"

for each in quiet other; do echo "profile vm-$each {}" | apparmor_parser -R; done
finish
