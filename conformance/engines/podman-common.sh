# Shared by the scripts of Podman: the guide's configuration, what a session of the image lacks, an image named alpine.
# shellcheck shell=sh
. "${0%/*}/common.sh"

writable_etc
install_runtime
guide_file podman /etc/containers/containers.conf
# There are no controllers for a limit of processes.
guide_file podman /etc/containers/containers.conf.d/controllers.conf
podman_settings > /etc/containers/containers.conf.d/session.conf
echo '{"default": [{"type": "insecureAcceptAnything"}]}' > /etc/containers/policy.json
cat > /etc/subuid << 'IDS'
root:100000:65536
alice:300000:65536
containers:2000000:1000000
IDS
cp /etc/subuid /etc/subgid
echo 'containers:x:9999:9999::/:/bin/false' >> /etc/passwd

echo "version: $(podman --version | sed 's/.* //')"
make_rootfs_tar
import_alpine() { podman import /tmp/rootfs.tar docker.io/library/alpine:latest > /dev/null 2>&1; }

# p: a container without a network, which would cost time and is podman-network.sh's
run() { podman run --network none "$@"; }
once() { podman run --rm --network none "$@"; }
