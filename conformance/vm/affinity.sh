#!/bin/sh
# CPU affinity where the container's cgroup has processors of its own: what the caller was bound to, what exec asks for, and what
# of that the cpuset leaves. SCHED_DEADLINE, which wants all processors. The machine has two.
. ./common.sh

seen() { sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "$1"; }
look='sed -n s/^Cpus_allowed_list:.//p /proc/self/status'
ln -sf busybox "$bundle/rootfs/bin/sed"
ln -sf busybox "$bundle/rootfs/bin/tail"
shell() { echo ".process.args = [\"sh\", \"-c\", $(printf %s "$1" | jq -Rs .)]"; }
bound() {
  cpus=$1
  shift
  status=0
  taskset -c "$cpus" "$RUNTIME" --root "$root" "$@" > "$work/stdout" 2> "$work/stderr" < /dev/null || status=$?
  error=$(cat "$work/stderr")
}

for case in '0-1 0 0-1' '1 0 1' '1 1 1' '0-1 0-1 0-1'; do
  set -- $case
  limits "{cpu: {cpus: \"$1\"}}" "$(shell "$look")"
  bound "$2" run --bundle "$bundle" c
  check "init with cpus $1, caller bound to $2" "$3" "$(cat "$work/stdout")$error"
  check "init with cpus $1: nothing left" '' "$(left)"
done
# The cpuset that grows is used: init was not pinned to the first one.
limits '{cpu: {cpus: "1"}}'
create
created 'a cpuset that grows'
runtime start c
echo 0-1 > "$cgroups$group/c/cpuset.cpus"
pid=$(cat "$cgroups$group/c/cgroup.procs")
check 'a cpuset that grows' 0-1 "$(seen "/proc/$pid/status")"
delete

# exec_with CPUS INITIAL FINAL EXPECTED
limits '{cpu: {cpus: "1"}}'
create
created 'exec'
runtime start c
for case in '0,,1' '1,,1' ',1,1' '0,1,1' '0-1,0-1,1'; do
  initial=${case%%,*} final=${case#*,} expected=${case##*,} final=${final%,*}
  jq -n "{cwd: \"/\", env: [\"PATH=/bin\"], args: [\"sh\", \"-c\", \"$look\"], execCPUAffinity: {initial: \"$initial\", final: \"$final\"}}" > "$work/process.json"
  runtime exec --process "$work/process.json" c
  check "exec in cpus 1, initial '$initial', final '$final'" "$expected" "$(cat "$work/stdout")$error"
done
jq -n '{cwd: "/", args: ["/bin/true"], execCPUAffinity: {final: "0"}}' > "$work/process.json"
runtime exec --process "$work/process.json" c
check_match 'exec with a final processor outside of the cpuset' "255*/execCPUAffinity/final: invalid argument*none of them exists and is in the cgroup's cpuset*" "$status$error"
jq -n '{cwd: "/", args: ["/bin/true"], scheduler: {policy: "SCHED_DEADLINE", runtime: 1000000, deadline: 10000000}}' > "$work/process.json"
runtime exec --process "$work/process.json" c
check_match 'SCHED_DEADLINE in a cpuset' '255*/scheduler: operation not permitted*no cpuset*' "$status$error"
delete

limits '{cpu: {cpus: "1"}}' '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 1000000, deadline: 10000000}'
create
complain 'SCHED_DEADLINE of init in a cpuset' /process/scheduler 'no cpuset'
limits '{cpu: {mems: "0"}}' '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "1"}'
create
complain 'a memory policy for a node that is not there' /linux/memoryPolicy 'none of the nodes'
finish
