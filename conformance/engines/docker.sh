#!/bin/sh
# docker: dockerd with the runtime under test as its default one.
set -eu
ENGINE=docker
. "${0%/*}/common.sh"

# No bridge and no firewall: the session's network has nothing to connect to. vfs: an overlay needs a disk below.
start_dockerd() {
  dockerd --bridge none --iptables=false --ip6tables=false --storage-driver vfs --exec-opt native.cgroupdriver=cgroupfs \
    --add-runtime "tested=$RUNTIME" --default-runtime tested --data-root /var/lib/docker --pidfile /run/docker.pid \
    > /tmp/dockerd.log 2>&1 &
  daemon=$!
  wait_for 60 docker version || { tail -20 /tmp/dockerd.log; exit 1; }
}

make_rootfs_tar
start_dockerd
docker import /tmp/rootfs.tar busybox > /dev/null
run() { docker run --network none "$@"; }

check 'run echo' 0 hello run --rm busybox echo hello
check 'exit status' 7 '' run --rm busybox sh -c 'exit 7'
check 'command not found' 127 '' run --rm busybox no-such-command
check 'hostname' 0 litter run --rm --hostname litter busybox hostname
run -d --name long busybox sh -c 'echo started; exec sleep 1000' > /dev/null || true
check 'exec' 0 inside docker exec long echo inside
check 'exec exit status' 5 '' docker exec long sh -c 'exit 5'
check 'logs' 0 started docker logs long
check 'state' 0 running docker inspect --format '{{.State.Status}}' long
check 'kill' 0 long docker kill long
check 'wait' 0 137 docker wait long
check 'rm' 0 long docker rm long
check 'nothing left' 0 '' docker ps -aq
kill $daemon
wait $daemon || true
finish
