#!/bin/sh
# Where the cgroup is, who is in it, and that it goes. [spec config-linux.md#cgroups-path]
. ./common.sh

# place NAME PATH-FILTER EXPECTED: a container's cgroup, as the kernel names it; then none
place() {
  configure "$2"
  runtime create --bundle "$bundle" --pid-file "$work/pid" c
  created "$1"
  check "$1: location" "0::$3" "$(cat "/proc/$(cat "$work/pid")/cgroup")"
  delete
  check "$1: cgroup gone" '' "$(ls -d "$cgroups$3" 2>/dev/null)"
}

# [shows config-linux.md#cgroups-path/2]
place 'absolute' ".linux.cgroupsPath = \"$group/c\"" "$group/c"
if $is_runt; then
  place 'relative' ".linux.cgroupsPath = \"${group#/}/relative/c\"" "$group/relative/c"
  check 'relative: the parents that create made are gone' '' "$(ls -d "$cgroups$group/relative" 2>/dev/null)"
  place 'default' 'del(.linux.cgroupsPath)' /c
  for path in / .. "$group/../c" a:b:c; do
    configure ".linux.cgroupsPath = \"$path\""
    create
    complain "cgroupsPath $path" /linux/cgroupsPath
  done
fi

limits '{pids: {limit: 50}}'
create
created 'first'
runtime start c
# Another container in the same cgroup would be killed with this one. (crun takes it.)
if $is_runt; then
  runtime create --bundle "$bundle" other
  check_match 'a cgroup in use is refused' '[1-9]*' "$status"
  check_match 'a cgroup in use is refused: text' '*not empty*' "$error"
  [ "$status" != 0 ] || runtime delete --force other
fi
check 'the first lives on' 1 "$(value cgroup.procs | wc -l)"

runtime exec --detach --pid-file "$work/pid" c sleep 1000
check 'exec: status' 0 "$status"
check 'exec: is in the cgroup' "0::$group/c" "$(cat "/proc/$(cat "$work/pid")/cgroup")"
runtime exec c cat /proc/self/cgroup
check 'exec: from inside' 0::/ "$(cat "$work/stdout")"

# As systemd in a container does: everything below a cgroup of its own.
mkdir "$cgroups$group/c/inner" "$cgroups$group/c/inner/deeper"
for pid in $(value cgroup.procs); do echo "$pid" > "$cgroups$group/c/inner/deeper/cgroup.procs"; done
echo +pids > "$cgroups$group/c/cgroup.subtree_control"
runtime exec --detach --pid-file "$work/pid" c sleep 1000
check "exec: status when the container's processes are below" 0 "$status"
[ "$status" = 0 ] || echo "    $error"
check_match "exec: below the container's cgroup" "0::$group/c*" "$(cat "/proc/$(cat "$work/pid")/cgroup")"
echo 1 > "$cgroups$group/c/cgroup.freeze"
delete
check 'delete --force of a frozen container with cgroups below: status' 0 "$status"
check 'delete --force of a frozen container with cgroups below: nothing left' '' "$(left)"

# A cgroup that somebody made for the container.
mkdir -p "$cgroups$group/c"
limits '{pids: {limit: 50}}'
create
check 'an empty cgroup is taken' 0 "$status"
check 'an empty cgroup is taken: pids.max' 50 "$(value pids.max)"
delete
check 'an empty cgroup is taken: nothing left' '' "$(left)"

if $is_runt; then
  mkdir -p "$cgroups$group/c"
  echo 1 > "$cgroups$group/c/cgroup.freeze"
  create
  check_match 'a frozen cgroup is refused' '[1-9]*' "$status"
  check_match 'a frozen cgroup is refused: text' '*frozen*' "$error"
  check 'a frozen cgroup is refused: it is as it was' 1 "$(value cgroup.freeze)"
  rmdir "$cgroups$group/c"

  # Processes and controllers for children exclude each other.
  mkdir -p "$cgroups$group/busy"
  sleep 1000 &
  echo $! > "$cgroups$group/busy/cgroup.procs"
  configure ".linux.cgroupsPath = \"$group/busy/c\" | .linux.resources.memory.limit = 67108864"
  create
  complain 'a parent with processes' /linux/resources/memory/limit "$group/busy/cgroup.subtree_control" EBUSY
  check 'a parent with processes: no child left' '' "$(find "$cgroups$group/busy" -mindepth 1 -type d)"
  kill $!
  wait $! 2>/dev/null
  until_true rmdir "$cgroups$group/busy"

  configure '.process.args = ["true"]'
  runtime --cgroup-manager disabled run --bundle "$bundle" c
  check '--cgroup-manager=disabled: status' 0 "$status"
  limits '{pids: {limit: 50}}'
  runtime --cgroup-manager disabled create --bundle "$bundle" c
  complain '--cgroup-manager=disabled with a limit' /linux/resources/pids/limit disabled
fi

# delete of a container that ended by itself
limits '{pids: {limit: 50}}' '.process.args = ["true"]'
create
runtime start c
is_stopped() { "$RUNTIME" --root "$root" state c | grep -q '"stopped"'; }
until_true is_stopped
runtime delete c
check 'delete of a stopped container: status' 0 "$status"
check 'delete of a stopped container: nothing left' '' "$(left)"

# A failure after the cgroup was made
limits '{pids: {limit: 50}}' '.process.args = ["/no/such/program"]'
run
complain 'no such program' 'no such file'
limits '{pids: {limit: 50}}' '.hooks.createRuntime = [{path: "/bin/false"}]'
create
complain 'a hook fails' hook
finish
