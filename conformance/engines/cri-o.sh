#!/bin/sh
# Kubernetes' suite for engines, critest, against CRI-O as docs/cri-o.md sets it up.
set -eu
ENGINE=cri-o
. "${0%/*}/common.sh"
. "${0%/*}/cri-common.sh"
. "${0%/*}/cri-images.sh"

import_image() { podman --root /var/lib/containers/storage --runroot /run/containers/storage --storage-driver overlay --runtime /usr/local/bin/runt load -q -i "$1"; }

export PATH="/run/cri/cri-o:$PATH"
echo "version: $(crio --version | awk '/^crio version/ {print $3}'), critest $(cat /run/cri/critest.version)"
writable_etc
install_runtime
mount --make-rshared /
guide_file cri-o /etc/crio/crio.conf.d/10-runt.conf
mkdir -p /etc/containers
echo '{"default": [{"type": "insecureAcceptAnything"}]}' > /etc/containers/policy.json
# No systemd is here, and the pause image is the one made above.
cat > /etc/crio/crio.conf.d/20-machine.conf <<'CONF'
[crio]
root = "/var/lib/containers/storage"
runroot = "/run/containers/storage"
storage_driver = "overlay"
[crio.runtime]
cgroup_manager = "cgroupfs"
conmon_cgroup = "pod"
[crio.image]
pause_image = "registry.k8s.io/pause:3.10"
pause_command = ""
[crio.network]
plugin_dirs = ["/usr/lib/cni"]
CONF
write_pod_network
# What CRI-O's own run of critest sets, too: its ports of the host are not for 127.0.0.1, where critest asks.
sysctl -q -w net.ipv4.conf.all.route_localnet=1
iptables -t nat -I POSTROUTING -s 127.0.0.0/8 ! -d 127.0.0.0/8 -j MASQUERADE
make_cri_images import_image
# CRI-O's own way of leaving out what a machine without controllers and CAP_SYS_RESOURCE cannot give to any runtime.
has_controllers || export _CRIO_ROOTLESS=1
crio > /tmp/crio.log 2>&1 &
daemon=$!
wait_for 30 test -S /var/run/crio/crio.sock || { cat /tmp/crio.log; exit 1; }
# It looks for the network half a second after its start, and says until then that there is none.
wait_for 30 sh -c 'cd /tmp && /run/cri/critest --runtime-endpoint unix:///var/run/crio/crio.sock --ginkgo.focus="should return runtime conditions"'
# As many attempts as CRI-O's own run of critest has: it closes the stream of an exec with a terminal without waiting for
# the copying of the last output (ttyCmd in internal/oci/oci_unix.go), with any runtime.
CRITEST_FLAGS="${CRITEST_FLAGS-} --ginkgo.flake-attempts=3"
run_critest unix:///var/run/crio/crio.sock
kill $daemon
finish
