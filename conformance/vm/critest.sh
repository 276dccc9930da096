#!/bin/sh
# Kubernetes' suite for engines, critest, against containerd 2 as docs/containerd.md sets it up, first through runc as the control. Only a
# machine with controllers can show it: containerd 2 gives each pod CPU shares.
# needs: critest
# seconds: 5000
. ./common.sh
. ./engine-common.sh
ENGINE=critest
passed=0
ln -s "$PWD/engines" /run/engines
ln -s "$PWD/cri" /run/cri
. /run/engines/cri-common.sh
. /run/engines/cri-images.sh

import_image() { ctr -n k8s.io images import --local "$1" || fail "image $1" >&2; }

# What containerd 2, the controllers, AppArmor and all capabilities make different from the run natively on 1.7; "." for a space.
focus='AppArmor|OOM|basic.operations.on|readonly.mounts|mount.propagation|SupplementalGroupsPolicy|UserNamespaces|sysctls|Privileged.is|ALL.capabilities'
LEFT_OUT='each takes half a minute under emulation; shown natively, on containerd 1.7 and CRI-O'
CRITEST_FLAGS="--ginkgo.timeout=2h --ginkgo.focus=$focus"

session() {
  systemctl restart containerd
  until_true ctr version || fail 'containerd answers' "$(journalctl -b --no-pager -u containerd | tail -5)"
  run_critest unix:///run/containerd/containerd.sock "$name"
  check 'no task left' '' "$(ctr -n k8s.io tasks ls -q)"
  systemctl stop containerd
}

# Where containerd 2 and the images' script look for what this machine's packages do not bring.
mkdir -p /opt/cni /opt/busybox/usr/bin
cp -r cri/cni /opt/cni/bin
cp cri/busybox /opt/busybox/usr/bin/
# critest loads AppArmor's profiles by `sudo apparmor_parser`.
printf '#!/bin/sh\nexec "$@"\n' > /usr/local/bin/sudo
chmod 755 /usr/local/bin/sudo
mkdir -p /etc/containerd
guide containerd /etc/containerd/config-2.toml > /etc/containerd/config.toml || fail 'docs/containerd.md has the configuration'
write_pod_network
systemctl restart containerd
until_true ctr version
# In a shell of its own: its variables are not ours.
(make_cri_images import_image)
sessions "$(cat cri/critest.version), containerd $(containerd --version | cut -d' ' -f3)"
finish
