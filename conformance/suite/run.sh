#!/bin/sh
# Runs the programs of OCI runtime-tools against $RUNTIME, in the folder of the built suite, and prints one line for each:
#   result NAME EXIT-STATUS PASSED FAILED PLAN        (PLAN: what the TAP plan promised, or "none")
# It must be in mount, pid and cgroup namespaces of its own: some of the programs leave mounts and processes behind.
# usage: run.sh SUITE-FOLDER LOG-FOLDER [PROGRAM]...
set -u
suite=$1 logs=$2
shift 2
cd "$suite" || exit 1
mkdir -p "$logs" /run/suite
# The suite asks for containers without --root, so the runtime's default must be there and empty.
mkdir -p -m 700 /run/runt /run/runc /run/crun
export RUNTIME TMPDIR=/run/suite
[ $# -gt 0 ] || set -- $(ls validation/*/*.t | sed 's,.*/,,; s,\.t$,,')
for name; do
  status=0
  timeout -k 5 "${PATIENCE:-60}" "validation/$name/$name.t" > "$logs/$name.out" 2> "$logs/$name.err" < /dev/null || status=$?
  passed=$(grep -c '^ok ' "$logs/$name.out")
  failed=$(grep -c '^not ok ' "$logs/$name.out")
  plan=$(sed -n 's/^1\.\.\([0-9][0-9]*\).*/\1/p' "$logs/$name.out" | tail -n 1)
  echo "result $name $status $passed $failed ${plan:-none}"
done
