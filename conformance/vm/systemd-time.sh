#!/bin/sh
# What systemd's cgroups cost, beside cgroups by files and beside runc: mean milliseconds of a whole run, interleaved.
. ./common.sh

configure 'del(.linux.cgroupsPath) | .process.args = ["true"]'
rounds=8
# once NAME COMMAND...: adds its time to the file of that name
once() {
  name_of=$1
  shift
  started=$(date +%s%N)
  timeout $patience "$@" run --bundle "$bundle" c < /dev/null > /dev/null 2> "$work/stderr" || fail "$name_of" "$(cat "$work/stderr")"
  echo $((($(date +%s%N) - started) / 1000)) >> "$work/time-$name_of"
}
for round in $(seq $rounds); do
  once files "$RUNTIME" --root "$root"
  once systemd "$RUNTIME" --root "$root" --systemd-cgroup
  once runc-files runc --root "$root-runc"
  once runc-systemd runc --root "$root-runc" --systemd-cgroup
done
for each in files systemd runc-files runc-systemd; do
  echo "# run, $each: $(awk '{ sum += $1 } END { printf "%.0f", sum / NR / 1000 }' "$work/time-$each") ms"
done
check 'all ran' "$rounds" "$(wc -l < "$work/time-systemd")"
group=/none
finish
