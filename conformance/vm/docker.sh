#!/bin/sh
# Docker as a service of systemd, which makes its cgroups: limits as they arrive and what they do, update, a privileged
# container, BuildKit, the default network, the daemon's restart.
# seconds: 1200
. ./common.sh
. ./engine-common.sh
guide_file docker /etc/docker/daemon.json
guide_file docker /etc/systemd/system/docker.service.d/runt.conf
once() { docker run --rm --network none "$@"; }

session() {
  guide docker restart > "$work/steps"
  sh -e "$work/steps" || fail 'guide: restart' "$(journalctl -b --no-pager -u docker | tail -5)"
  docker import "$work/rootfs.tar" alpine > /dev/null
  guide docker check > "$work/steps"
  check 'guide: the default' 'runt hello hello' "$(answer sh -e "$work/steps" | tr '\n' ' ' | sed 's/ $//')"
  id=$(docker run -d --name cc --network none --memory 64m --memory-swap 64m --memory-reservation 32m --cpus 0.5 --cpuset-cpus 0 --pids-limit 50 \
    --device-read-bps /dev/vda:1mb alpine sleep 1000) || fail 'run with limits'
  path=/system.slice/docker-$id.scope
  check 'limits' '67108864,0,33554432,50000 100000,0,50' "$(values "$path" memory.max memory.swap.max memory.low cpu.max cpuset.cpus pids.max)"
  check_match 'limit of reading' '*rbps=1048576*' "$(values "$path" io.max)"
  check 'limits, from inside' 67108864 "$(answer docker exec cc cat /sys/fs/cgroup/memory.max)"
  check_match 'too many processes' '*fork*' "$(docker exec cc sh -c 'for i in $(seq 60); do sleep 5 & done' 2>&1)"
  check_match 'stats' 'cc */ 64MiB' "$(answer docker stats --no-stream --format '{{.Name}} {{.MemUsage}}' cc)"
  docker update --memory 32m --memory-swap 32m --cpus 0.25 --pids-limit 20 cc > /dev/null || fail 'update'
  check 'limits after update' '33554432,25000 100000,20' "$(values "$path" memory.max cpu.max pids.max)"
  check 'pause' 1 "$(docker pause cc > /dev/null; values "$path" cgroup.freeze)"
  check 'unpause' 0 "$(docker unpause cc > /dev/null; values "$path" cgroup.freeze)"
  check 'kill and wait' 137 "$(docker kill cc > /dev/null; docker wait cc)"
  docker rm cc > /dev/null
  docker run --name oo --network none --memory 16m --memory-swap 16m alpine sh -c 'dd if=/dev/zero of=/dev/null bs=64M count=1; s=$?; sleep 1; exit $s' > /dev/null 2>&1
  check 'out of memory' '137 true' "$? $(answer docker inspect --format '{{.State.OOMKilled}}' oo)"
  docker rm oo > /dev/null
  check 'privileged: as many capabilities as the host has' "$(sed -n 's/CapBnd:.//p' /proc/self/status)" "$(answer once --privileged alpine sed -n 's/CapEff:.//p' /proc/self/status)"
  check 'privileged: its devices' yes "$(answer once --privileged alpine sh -c '[ -b /dev/vda ] && echo yes')"
  check 'privileged: it may mount' tmpfs "$(answer once --privileged alpine sh -c 'mount -t tmpfs tmpfs /tmp && sed -n "s,^\(tmpfs\) /tmp .*,\1,p" /proc/mounts')"
  check 'the default network' 172.17.0 "$(answer docker run --rm alpine sh -c 'sed -n "s/^\(172\.17\.0\)\..*/\1/p" /etc/hosts')"
  mkdir -p "$work/context"
  printf 'FROM alpine\nRUN cat /proc/self/cgroup > /built\nCMD ["cat", "/built"]\n' > "$work/context/Dockerfile"
  check 'classic build' 0::/ "$(DOCKER_BUILDKIT=0 docker build -q --network none -t built "$work/context" > /dev/null 2>&1; answer once built)"
  docker run -d --name rr --network none --restart always alpine sleep 1000 > /dev/null
  systemctl restart docker
  again() { [ "$(docker inspect --format '{{.State.Status}}' rr)" = running ]; }
  until_true again
  check 'restart policy over the restart of the daemon' running "$(answer docker inspect --format '{{.State.Status}}' rr)"
  docker rm -f rr > /dev/null
  check 'no container left' '' "$(answer docker ps -aq)"
  check 'no scope left' '' "$(systemctl list-units --plain --no-legend 'docker-*.scope')"
  systemctl stop docker.service docker.socket containerd.service
}

sessions "$(docker --version | sed 's/.*version \([^,]*\),.*/\1/')"
finish
