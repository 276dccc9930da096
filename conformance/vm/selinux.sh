#!/bin/sh
# SELinux with a policy of our own, the smallest that the kernel takes: what it does not know is allowed, and it knows only
# changes of process types and reading of files. Labels of init, exec, session keyring and mounts; unknown ones are refused.
# kernel: security=selinux enforcing=0
. ./common.sh
. ./selinux-policy.sh

label=system_u:system_r:container_t:s0:c1,c2
labelled=".linux.cgroupsPath = \"$group/c\" | .process.selinuxLabel = \"$label\""
# Files of two types, whatever the process is.
types='.mounts += [{destination: "/secret", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup", "context=system_u:system_r:secret_t:s0"]}]'
mkdir -p "$bundle/rootfs/secret" "$bundle/rootfs/usr" "$bundle/rootfs/lib" "$bundle/rootfs/lib64"
echo secret > "$bundle/rootfs/secret/file"

[ -d /sys/fs/selinux ] || fail 'the kernel has SELinux' "$(cat /proc/cmdline)"
configure "$labelled"
create
complain 'without a policy' /process/selinuxLabel 'SELinux is not enabled, or has no policy'

load_policy "$work" || fail 'the policy is there' "$(cat "$work/policy.log")" "$(dmesg | grep -i selinux | tail -5)"
check 'enforcing' 1 "$(cat /sys/fs/selinux/enforce)"
check 'who runs the tests' "$base" "$(tr -d '\0' < /proc/self/attr/current)"

# inside NAME FILTER SCRIPT EXPECTED
inside() {
  configure ".linux.cgroupsPath = \"$group/c\" | ($2) | .process.args = [\"sh\", \"-c\", $(printf %s "$3" | jq -Rs .)]"
  run
  check "$1" "$4" "$output"
  [ -z "$error" ] || echo "    $error" | head -c 500
  check "$1: nothing left" '' "$(left)"
}
look='cat /proc/self/attr/current; echo; cat /secret/file 2>&1'
denied="$label
cat: can't open '/secret/file': Permission denied"
users='.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
inside 'without a label' "$types" "$look" "$base
secret"
inside 'a label' "$types | $labelled" "$look" "$denied"
inside 'a label, as a user, privileges to be gained' "$types | $labelled | .process.user = {uid: 5, gid: 5} | .process.noNewPrivileges = false" "$look" "$denied"
inside 'a label, in a user namespace' "$types | $labelled | $users" "$look" "$denied"
inside 'categories in another order' ".process.selinuxLabel = \"system_u:system_r:container_t:s0:c3,c1,c2\"" 'cat /proc/self/attr/current' \
  'system_u:system_r:container_t:s0:c1.c3'

# The session keyring, as the container's own program sees it.
host='.mounts += ["/usr", "/lib", "/lib64"] | .mounts |= map(if type == "string" then {destination: ., type: "bind", source: ., options: ["rbind", "ro"]} else . end)'
inside 'the session keyring' "$labelled | $host" '/usr/bin/keyctl security @s' "$label"
inside 'the session keyring without a label' "$host" '/usr/bin/keyctl security @s' "$base"

# exec_sees NAME EXPECTED FLAG...
exec_sees() {
  title=$1 expected=$2
  shift 2
  runtime exec "$@"
  check "exec $title" "$expected" "$(cat "$work/stdout")"
  [ -z "$error" ] || echo "    $error" | head -c 500
}
other=system_u:system_r:other_t:s0
for kind in . "$users"; do
  configure "$types | $labelled | $host | $kind"
  create
  created "exec, $kind"
  runtime start c
  exec_sees 'has the label of the container' "$denied" c sh -c "$look"
  exec_sees --process-label "$other
secret" --process-label $other c sh -c "$look"
  exec_sees 'has the keyring of the container' "$label" c /usr/bin/keyctl security @s
  runtime exec --process-label system_u:system_r:missing_t:s0 c true
  check_match 'exec with a type that is not known' '255*missing_t*/process/selinuxLabel*policy does not know*' "$status$error"
  delete
done

for each in nonsense system_u:system_r:missing_t:s0 system_u:system_r:container_t:s0:c99; do
  configure ".linux.cgroupsPath = \"$group/c\" | .process.selinuxLabel = \"$each\""
  create
  complain "label $each" "$each" /process/selinuxLabel
done
# A type that the policy knows but does not let us become: the kernel says so when the program is executed.
configure ".linux.cgroupsPath = \"$group/c\" | .process.selinuxLabel = \"system_u:system_r:secret_t:s0\""
run
complain 'a type that we may not become' SELinux

shared=system_u:system_r:shared_t:s0:c1
more='.mounts += [{destination: "/dev/mqueue", type: "mqueue", source: "mqueue"}, {destination: "/dev/pts", type: "devpts", source: "devpts", options: ["newinstance"]}] | .linux.maskedPaths = ["/proc/fs"]'
inside 'mountLabel' "$more | .linux.mountLabel = \"$shared\"" \
  "while read -r _ place type options _; do case \$options in *context=$shared*) echo \$place \$type ;; esac; done < /proc/self/mounts" '/dev tmpfs
/dev/pts devpts
/proc/fs tmpfs'
inside 'mountLabel on mqueue' "$more | $host | .linux.mountLabel = \"$shared\"" "/usr/bin/ls -Zd /dev/mqueue" "$shared /dev/mqueue"
configure ".linux.cgroupsPath = \"$group/c\" | .linux.mountLabel = \"system_u:system_r:missing_t:s0\""
create
complain 'mountLabel that is not known' /linux/mountLabel

configure '.process.apparmorProfile = "x"'
create
complain 'AppArmor on a host with SELinux' /process/apparmorProfile 'AppArmor is not enabled'
echo 0 > /sys/fs/selinux/enforce
finish
