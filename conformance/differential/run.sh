#!/bin/sh
# In the test image: each configuration of /run/diff/configs through each runtime, what the probe says goes to /run/out/NAME.RUNTIME
# (its last line is the exit status and, if there is one, the complaint).
# usage: run.sh NAME=PATH...        runtimes
set -u
# As in a shell's background: what of it reaches the container?
trap '' INT
root=/tmp/rootfs
mkdir -p $root/bin $root/proc $root/sys $root/dev $root/etc $root/tmp $root/data $root/home
cp /usr/bin/busybox $root/bin/busybox
for applet in sh cat sed grep ls readlink env sort id pwd stat head wc tr touch rm awk cut sleep true tail; do ln -s busybox $root/bin/$applet; done
cp /run/diff/probe.sh $root/bin/probe
echo 'root:x:0:0:root:/root:/bin/sh
user:x:1000:1000:user:/home:/bin/sh' > $root/etc/passwd
mkdir -p /tmp/source/sub /tmp/state
echo content > /tmp/source/file
# The container compares its namespaces with these.
for name in cgroup ipc mnt net pid time user uts; do echo "HOST_$name=$(readlink /proc/self/ns/$name)"; done > /tmp/host-env
for config in /run/diff/configs/*.json; do
  name=${config##*/} name=${name%.json}
  for runtime; do
    bundle=/tmp/bundles/$name.${runtime%%=*}
    mkdir -p "$bundle"
    jq --rawfile host /tmp/host-env '.process.env += ($host | split("\n") | map(select(. != "")))' "$config" > "$bundle/config.json"
    out=/run/out/$name.${runtime%%=*}
    mkdir -p -m 700 "/tmp/state/${runtime%%=*}"
    timeout -k 2 30 "${runtime#*=}" --root "/tmp/state/${runtime%%=*}" run --bundle "$bundle" "d-$name" > "$out" 2> "$out.err" < /dev/null
    echo "status: $?" >> "$out"
  done
done
