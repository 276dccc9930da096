#!/bin/sh
# What the engine is tuned for: the lives of common containers, as the bench has them. Runs inside the test image.
#
#   train.sh WORK     WORK: seccomp.json and runt, whose counters go there too, from inside of the containers as well
set -eu
work=$1
root=/tmp/rootfs bundles=/tmp/bundles
mkdir -p $root/bin $root/proc $root/sys $root/dev $root/etc $root/tmp $root"$work" $bundles /run/train
cp /usr/bin/busybox $root/bin/busybox
for applet in true sleep; do ln $root/bin/busybox $root/bin/$applet; done
"$work/runt" spec -b $bundles
bundle() { # NAME JQ-EXPRESSION
  mkdir $bundles/"$1"
  jq --slurpfile seccomp "$work/seccomp.json" --arg work "$work" \
    ".process.terminal = false | .root.path = \"$root\" | .mounts += [{type: \"bind\", source: \$work, destination: \$work, options: [\"bind\"]}] | $2" \
    $bundles/config.json > $bundles/"$1"/config.json
}
bundle true '.process.args = ["/bin/true"]'
bundle sleep '.process.args = ["/bin/sleep", "1000000"]'
bundle seccomp '.process.args = ["/bin/true"] | .linux.seccomp = $seccomp[0]'
runt() { "$work/runt" --root /run/train "$@" < /dev/null > /dev/null; }

for round in 1 2 3 4 5 6 7 8; do
  runt run -b $bundles/true "a$round"
  runt run -b $bundles/true "b$round"
  runt run -b $bundles/seccomp "c$round"
  runt create -b $bundles/true "d$round"
  runt start "d$round"
  runt state "d$round"
  runt delete --force "d$round"
  runt run -d -b $bundles/sleep "e$round"
  runt exec "e$round" /bin/true
  runt exec "e$round" /bin/true
  runt list
  runt kill "e$round" KILL
  runt delete --force "e$round"
done
