# Shared by the scripts of Docker: the guide's configuration, the daemon, an image named alpine.
# shellcheck shell=sh
. "${0%/*}/common.sh"

writable_etc
install_runtime
guide_file docker /etc/docker/daemon.json
guide_file docker /etc/systemd/system/docker.service.d/runt.conf
# As systemd would, which the session has not.
eval "export $(sed -n 's/^Environment=//p' /etc/systemd/system/docker.service.d/runt.conf)"

# start_dockerd [OPTION]...: sets daemon. There is no systemd to make cgroups.
start_dockerd() {
  dockerd --exec-opt native.cgroupdriver=cgroupfs --pidfile /run/docker.pid "$@" > /tmp/dockerd.log 2>&1 &
  daemon=$!
  wait_for 60 docker version || { tail -20 /tmp/dockerd.log; exit 1; }
}

stop_dockerd() {
  kill $daemon
  wait $daemon || true
}

echo "version: $(docker --version | sed 's/.*version \([^,]*\),.*/\1/')"
make_rootfs_tar
import_alpine() { docker import /tmp/rootfs.tar alpine > /dev/null; }

# Without a network, which would cost time and is docker-network.sh's.
run() { docker run --network none "$@"; }
once() { docker run --rm --network none "$@"; }
