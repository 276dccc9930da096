#!/bin/sh
# The part of the bench that runs inside the test image: makes the root file system and the bundles, checks that each
# arm really runs a container, then hands over to the driver. Everything is on tmpfs, so that no disk is measured.
#
#   inside.sh WORK ROUNDS WARM_UP ARM...     WORK: driver, floor, plan, seccomp.json, bin/ARM; results go there too
set -eu
work=$1 rounds=$2 warm_up=$3
shift 3

# The image is read-only, and from a read-only mount crun need not seal itself against its containers, as it must on most
# machines: all runtimes start from the same writable place.
cp /usr/bin/crun /usr/bin/runc "$work/bin/"

root=/tmp/rootfs bundles=/tmp/bundles
mkdir -p $root/bin $root/proc $root/sys $root/dev $root/etc $root/tmp $bundles /run/bench
cp /usr/bin/busybox $root/bin/busybox
for applet in sh true echo sleep touch sed; do ln $root/bin/busybox $root/bin/$applet; done

runc spec -b $bundles
mv $bundles/config.json $bundles/base.json

# bundle NAME JQ-EXPRESSION: the default configuration, without a terminal, changed by the expression.
bundle() {
  mkdir $bundles/"$1"
  jq --slurpfile seccomp "$work/seccomp.json" \
    ".process.terminal = false | .root.path = \"$root\" | $2" $bundles/base.json > $bundles/"$1"/config.json
}
# shellcheck disable=SC2016 # expanded in the container
marker='touch /x 2>/dev/null || echo "pid $$, read-only root, seccomp $(sed -n "s/^Seccomp:[^0-9]*//p" /proc/self/status)"'
bundle true '.process.args = ["/bin/true"]'
bundle sleep '.process.args = ["/bin/sleep", "1000000"]'
bundle seccomp '.process.args = ["/bin/true"] | .linux.seccomp = $seccomp[0]'
jq -n --arg marker "$marker" '["/bin/sh", "-c", $marker]' > /tmp/marker.json
bundle marker ".process.args = $(cat /tmp/marker.json)"
bundle marker-seccomp ".process.args = $(cat /tmp/marker.json) | .linux.seccomp = \$seccomp[0]"

# An arm that fails fast would win: each has to say from inside that it is a container.
expect() { # ARM SECCOMP-MODE COMMAND...
  arm=$1 wanted="pid 1, read-only root, seccomp $2"
  shift 2
  said=$("$@" < /dev/null) || { echo "bench: $arm failed: $*" >&2; exit 1; }
  [ "$said" = "$wanted" ] || { echo "bench: $arm said \"$said\" instead of \"$wanted\"" >&2; exit 1; }
}
for arm in "$@"; do
  if [ "$arm" = floor ]; then
    expect floor 0 "$work/floor" $root /sys/fs/cgroup/floor /bin/sh -c "$marker"
  else
    expect "$arm" 0 "$work/bin/$arm" --root "/run/bench/$arm" run -b $bundles/marker check
    expect "$arm" 2 "$work/bin/$arm" --root "/run/bench/$arm" run -b $bundles/marker-seccomp check
  fi
done

{ crun --version | sed -n 1p; runc --version | sed -n 1p; } > "$work/versions"
exec "$work/driver" "$work/plan" "$rounds" "$warm_up" "$work/samples"
