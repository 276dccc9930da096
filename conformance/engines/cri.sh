#!/bin/sh
# Kubernetes' suite for engines, critest, against containerd as docs/containerd.md sets it up. containerd 1.7, because
# newer ones ask for CPU shares for every pod and so cannot run where there is no cpu controller.
set -eu
ENGINE=cri
. "${0%/*}/common.sh"
. "${0%/*}/cri-common.sh"
. "${0%/*}/cri-images.sh"

# What containerd 2 makes of its block: the default runtime, and that runtime's program.
read_config_2() {
  /usr/bin/containerd -c /etc/containerd/config-2.toml config dump |
    sed -n "s/^ *default_runtime_name = '\(.*\)'/\1/p; s/^ *BinaryName = '\(..*\)'/\1/p" | paste -sd ' '
}

import_image() { ctr -n k8s.io images import "$1"; }

export PATH="/run/cri/containerd:$PATH"
echo "version: containerd $(containerd --version | awk '{print $3}'), critest $(cat /run/cri/critest.version)"
writable_etc
install_runtime
# Shared as systemd makes it: containers take part in it.
mount --make-rshared /
guide_file containerd /etc/containerd/config.toml
cat >> /etc/containerd/config.toml <<'CONF'

[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
CONF
# What a machine without controllers and CAP_SYS_RESOURCE cannot give to any runtime.
has_controllers || cat >> /etc/containerd/config.toml <<'CONF'
[plugins."io.containerd.grpc.v1.cri"]
disable_cgroup = true
restrict_oom_score_adj = true
CONF
write_pod_network
guide_file containerd /etc/containerd/config-2.toml
check 'containerd 2 reads its configuration' 0 'runt /usr/local/bin/runt' read_config_2
containerd > /tmp/containerd.log 2>&1 &
daemon=$!
wait_for 30 ctr version || { cat /tmp/containerd.log; exit 1; }
make_cri_images import_image
run_critest unix:///run/containerd/containerd.sock
kill $daemon
finish
