# The words that cases are written in. run.sh starts each case in a pid, mount and network namespace of its own, with an empty folder
# $work, a bundle $bundle whose root file system is busybox, and an id $id, and reads this file first.
#
# A case ends by itself (pass), with `fail` or with `not_applicable`. Whatever the shell trips over is a broken case, and so is one
# that never checked anything.
# shellcheck shell=sh

# What a runtime may need, in seconds, before it counts as hanging.
patience=${PATIENCE:-20}
base=$cases/base.json
config=$bundle/config.json
rootfs=$bundle/rootfs
# Where containers of this case go in the v2 tree, so that every runtime's are in the same place.
cgroup=/cases/$id
cgroups=/sys/fs/cgroup
checks=0

# fail WANTED [SEEN]
fail() {
  echo "wanted: $1"
  [ $# -lt 2 ] || printf '%s\n' "$2" | head -c 1500 | sed 's/^/seen:   /'
  exit 76
}

# not_applicable REASON: the host lacks what the case needs
not_applicable() {
  echo "needs:  $1"
  exit 77
}

# expect WHAT WANTED SEEN
expect() {
  checks=$((checks + 1))
  [ "$2" = "$3" ] || fail "$1: $2" "$3"
}

# expect_match WHAT PATTERN SEEN: PATTERN as of `case`
expect_match() {
  checks=$((checks + 1))
  # shellcheck disable=SC2254
  case $3 in $2) ;; *) fail "$1: $2" "$3" ;; esac
}

# configure [FILTER [SCRIPT]]: the base configuration through jq, into the bundle; SCRIPT is the program, for the container's shell.
# In FILTER $work, $bundle, $rootfs and $id are known, and three functions: mount(DESTINATION; TYPE; SOURCE; OPTIONS) adds one,
# without(TYPE) takes a namespace out, users adds a user namespace, hook(NAME; SCRIPT) adds a hook that the host's shell runs
# (startContainer: the container's); the state that it gets is $state.
configure() {
  jq --arg work "$work" --arg bundle "$bundle" --arg rootfs "$rootfs" --arg id "$id" --arg script "${2-}" --arg cgroup "$cgroup" '
    def mount(d; t; s; o): .mounts += [{destination: d, type: t, source: s, options: o}];
    def without(t): .linux.namespaces |= map(select(.type != t));
    def hook(name; script): .hooks[name] += [{path: "/bin/sh", args: ["sh", "-c", "state=$(cat); " + script], env: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]}];
    def users: .linux.namespaces += [{type: "user"}]
      | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings;
    .linux.cgroupsPath = $cgroup
    | if $script != "" then .process.args = ["/bin/sh", "-c", $script] else . end
    | '"${1:-.}" "$base" > "$config"
}

# call ARGUMENT...: the runtime; sets status, output and errors
call() {
  status=0
  timeout -k 2 "$patience" "$RUNTIME" --root "$root" "$@" < /dev/null > "$work/stdout" 2> "$work/stderr" || status=$?
  output=$(cat "$work/stdout") errors=$(cat "$work/stderr")
}

# The operations of the specification, in the command line that runtimes share. What the program of a created container prints is in
# the file $said.
said=$work/said
create() {
  status=0 output=
  timeout -k 2 "$patience" "$RUNTIME" --root "$root" create --bundle "$bundle" "$@" "$id" < /dev/null > "$said" 2> "$work/stderr" || status=$?
  errors=$(cat "$work/stderr")
}
start() { call start "$id"; }
state() { call state "$id"; }
signal() { call kill "$id" "$@"; }
delete() { call delete "$@" "$id"; }
# create, start, and delete after the end; output is the program's
run() { call run --bundle "$bundle" "$id"; }

# must OPERATION [ARGUMENT]...: it succeeds
must() {
  "$@"
  checks=$((checks + 1))
  [ "$status" = 0 ] || fail "$* succeeds" "status $status
$errors"
}

# must_fail OPERATION [ARGUMENT]...: it generates an error; to hang or to crash is none
must_fail() {
  "$@"
  checks=$((checks + 1))
  case $status in
    0) fail "$* is an error" "status 0" ;;
    124 | 13[0-9] | 14[0-9]) fail "$* is an error" "status $status
$errors" ;;
  esac
}

# inside FILTER SCRIPT: runs SCRIPT in a container of that configuration; output is what it printed
inside() {
  configure "$1" "$2"
  must run
}

# hook_hears HOOK [FILE]: the life of a container with a hook that writes the state it hears to FILE, as the hook sees that file; pid: of its
# process, as this namespace sees it. What is the same for all hooks is looked at.
hook_hears() {
  configure "hook(\"$1\"; \"echo \\\"\$state\\\" > ${2-$work/log}\") | .annotations = {\"org.example.key\": \"value\"}" 'exec sleep 0.1'
  must create
  pid=$(pid_of)
  must start
  stopped
  must delete
  [ -z "${2-}" ] || cp "$rootfs$2" log || :
  expect 'id, bundle, annotation' "$id $bundle value" "$(jq -r '"\(.id) \(.bundle) \(.annotations["org.example.key"])"' log)"
}

# ended PID: the container process has ended, and the container is stopped or gone
ended() {
  gone() { [ ! -d "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"; }
  eventually 'the container process ends' gone "$1"
  case $(status_of) in '' | stopped) ;; *) fail 'the container is stopped or gone' "$output" ;; esac
}

# joining TYPE PID NAME: a container whose configuration gives the path of the process's namespace; output is the one that it is in, path
# the one that was given. NAME: in /proc/PID/ns
joining() {
  path=/proc/$2/ns/$3 own=/proc/self/ns/$3
  another() { [ "$(readlink "$path")" != "$(readlink "$own")" ]; }
  eventually 'a namespace to join' another
  inside "without(\"$1\") | .linux.namespaces += [{type: \"$1\", path: \"$path\"}]" "readlink $own"
}

# holder_below PID: the process that unshare -f has made in the namespace; sets holder
holder_below() {
  child() { pgrep -P "$1" > holder; }
  eventually 'a process in the namespace' child "$1"
  holder=$(cat holder)
}

# refused FILTER: a container of that configuration is not created
refused() {
  configure "$1" 'echo ran'
  must_fail create
  call state "$id"
  [ "$status" != 0 ] || fail 'no container after the error' "$output"
}

# not_started FILTER: of a container of that configuration create is an error, or start: what is about the process may wait until then
not_started() {
  configure "$1" 'touch /data/ran'
  create
  if [ "$status" = 0 ]; then must_fail start; else must_fail create; fi
  [ ! -e "$rootfs/data/ran" ] || fail 'the program does not run' 'it ran'
}

# same_mounts: the mounts of this namespace are those of the last call; the first one only remembers them
same_mounts() {
  cat /proc/self/mountinfo > "$work/mounts.now"
  [ ! -e "$work/mounts" ] || expect 'mounts that came and went' '' "$(diff "$work/mounts" "$work/mounts.now" | grep '^[<>]')"
  mv "$work/mounts.now" "$work/mounts"
}

# nothing_left: no container of this id, no cgroup of it
nothing_left() {
  call state "$id"
  checks=$((checks + 1))
  [ "$status" != 0 ] || fail 'no container' "$output"
  expect 'cgroups' '' "$(find "$cgroups$cgroup" -type d 2> /dev/null)"
}

# status_of: what state says; nothing for a container that does not exist
status_of() {
  state
  printf '%s' "$output" | jq -r .status 2> /dev/null || true
}

# pid_of: the container process, as this namespace sees it
pid_of() {
  state
  printf '%s' "$output" | jq -r .pid
}

# eventually WHAT COMMAND...: it becomes true within some seconds
eventually() {
  eventually_what=$1 tries=250
  shift
  checks=$((checks + 1))
  until "$@" > /dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || fail "$eventually_what" 'not within seconds'
    sleep 0.02
  done
}
has_status() { [ "$(status_of)" = "$1" ]; }
stopped() { eventually 'the container stops' has_status stopped; }
running() { eventually 'the container runs' has_status running; }

# mount_line DESTINATION: its last line of the container's mountinfo, for a script inside
mount_line() { echo "awk '\$5 == \"$1\"' /proc/self/mountinfo | tail -n 1"; }

# propagation DESTINATION: the optional fields of its line, each with a comma behind it, for a script inside
propagation() { echo "awk '\$5 == \"$1\" { for (i = 7; \$i != \"-\"; i++) printf \"%s,\", \$i; print \"\" }' /proc/self/mountinfo | tail -n 1"; }

# features: what the runtime says of itself
features() {
  call features
  [ "$status" = 0 ] || not_applicable 'a runtime with the command features'
}

# need_controller NAME: of the v2 tree
need_controller() {
  grep -qw "$1" "$cgroups/cgroup.controllers" 2> /dev/null || not_applicable "the $1 controller in the cgroup v2 tree"
}
# need_capability NUMBER NAME: in this root's bounding set
need_capability() {
  bounding=$(awk '/^CapBnd/ { print $2 }' /proc/self/status)
  [ $((0x$bounding >> $1 & 1)) = 1 ] || not_applicable "a root that has $2"
}
need_namespace() { [ -e "/proc/self/ns/$1" ] || not_applicable "a kernel with $1 namespaces"; }
