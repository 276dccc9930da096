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

many() {
  for i in 1 2 3 4 5 6 7 8 9 10; do docker run --rm --network none busybox echo $i & done | sort -n | tr '\n' ' '
  wait
}

echo "version: $(docker --version | sed 's/.*version \([^,]*\),.*/\1/')"
make_rootfs_tar
mkdir -p /tmp/empty
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
check 'top' 0 'sleep 1000' sh -c "docker top long -o pid,args | tail -n 1 | sed 's/^ *[0-9]* *//'"
check 'stats' 0 long docker stats --no-stream --format '{{.Name}}' long
check 'pause' 0 long docker pause long
check 'state of a paused one' 0 paused docker inspect --format '{{.State.Status}}' long
check 'unpause' 0 long docker unpause long
check 'exec as a user, in a directory' 0 '1000 /tmp' docker exec --user 1000 --workdir /tmp long sh -c 'echo "$(id -u) $(pwd)"'
check 'exec of what is not there' 127 '' sh -c 'docker exec long no-such-command > /dev/null'
check 'exec of what may not be executed' 126 '' sh -c 'docker exec long /etc/passwd > /dev/null'
check 'cp' 0 copied sh -c 'echo copied > /tmp/copied && docker cp -q /tmp/copied long:/tmp/file && docker exec long cat /tmp/file'
check 'commit' 0 copied sh -c 'docker commit long committed > /dev/null && docker run --rm --network none committed cat /tmp/file'
check 'update' 0 long sh -c 'docker update --restart no long | head -n 1'
check 'kill' 0 long docker kill long
check 'wait' 0 137 docker wait long
check 'rm' 0 long docker rm long
docker run -d --name polite --network none --stop-signal USR1 busybox sh -c 'trap "echo asked; exit 3" USR1; while :; do sleep 0.1; done' > /dev/null || true
check 'stop by its signal' 0 polite docker stop -t 10 polite
check 'exit status of a stopped one' 0 3 docker wait polite
check 'start again' 0 polite docker start polite
check 'restart' 0 polite docker restart -t 1 polite
check 'rm of a running one' 0 polite docker rm -f polite
check 'attach' 0 input sh -c 'echo input | timeout 20 docker run --rm -i --network none busybox cat'
check 'terminal' 0 terminal sh -c "script -qc \"docker run --rm -t --network none busybox sh -c 'test -t 1 && printf terminal'\" /dev/null < /dev/null 2> /dev/null | grep -o terminal | head -n 1"
check 'not to be executed' 126 '' sh -c 'docker run --rm --network none busybox /etc/passwd > /dev/null'
check 'volume' 0 content sh -c 'docker run --rm --network none -v data:/data busybox sh -c "echo content > /data/file" && docker run --rm --network none -v data:/data:ro busybox cat /data/file'
check 'read-only root' 1 '' run --rm --read-only busybox touch /file
check 'tmpfs' 0 tmpfs run --rm --tmpfs /scratch busybox sh -c 'sed -n "s,^tmpfs /scratch \([a-z]*\) .*,\1,p" /proc/mounts'
check 'capabilities' 0 0000000000000000 run --rm --cap-drop all busybox sh -c 'sed -n "s/CapEff:.//p" /proc/self/status'
check 'ulimit' 0 512 run --rm --ulimit nofile=512:512 busybox sh -c 'ulimit -n'
check 'device' 0 'a,e5' run --rm --device /dev/fuse busybox stat -c '%t,%T' /dev/fuse
check 'init' 0 docker-init run --rm --init busybox cat /proc/1/comm
check 'no-new-privileges' 0 1 run --rm --security-opt no-new-privileges busybox sh -c 'sed -n "s/NoNewPrivs:.//p" /proc/self/status'
check 'seccomp' 0 2 run --rm busybox sh -c 'sed -n "s/Seccomp:.//p" /proc/self/status'
check 'healthcheck' 0 healthy sh -c 'docker run -d --name sick --network none --health-cmd "echo fine" --health-interval 1s busybox sleep 1000 > /dev/null
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do [ "$(docker inspect --format "{{.State.Health.Status}}" sick)" = healthy ] && break; sleep 1; done
  docker inspect --format "{{.State.Health.Status}}" sick; docker rm -f sick > /dev/null'
check 'restart policy' 0 '2' sh -c 'docker run -d --name again --network none --restart on-failure:2 busybox sh -c "exit 1" > /dev/null; docker wait again > /dev/null
  for i in 1 2 3 4 5 6 7 8 9 10; do [ "$(docker inspect --format "{{.RestartCount}}" again)" = 2 ] && break; sleep 1; done
  docker inspect --format "{{.RestartCount}}" again; docker rm -f again > /dev/null'
printf 'FROM busybox\nRUN echo built > /built\nCMD ["cat", "/built"]\n' > /tmp/empty/Dockerfile
check 'classic build' 0 built sh -c 'DOCKER_BUILDKIT=0 docker build -q --network none -t built /tmp/empty > /dev/null 2>&1 && docker run --rm --network none built'
check 'ten at once' 0 '1 2 3 4 5 6 7 8 9 10 ' many

# replicas N: until that many tasks of the service run.
replicas() {
  for i in $(seq 60); do
    [ "$(docker service ls --filter name=web --format '{{.Replicas}}')" = "$1/$1" ] && break
    sleep 0.5
  done
  docker service ls --filter name=web --format '{{.Replicas}}'
}
label() { docker service inspect --format '{{index .Spec.TaskTemplate.ContainerSpec.Env 0}}' web; }
check 'swarm init' 0 '' sh -c 'docker swarm init --advertise-addr 127.0.0.1 > /dev/null'
check 'service create' 0 '' sh -c 'docker service create -d -q --name web --network host --no-resolve-image --replicas 2 --stop-grace-period 0s \
  --env version=1 busybox sleep 1000 > /dev/null' && check 'service runs' 0 2/2 replicas 2
check 'service scale' 0 '' sh -c 'docker service scale -d web=3 > /dev/null' && check 'scaled' 0 3/3 replicas 3
check 'service update' 0 '' sh -c 'docker service update -q --no-resolve-image --env-add version=2 web > /dev/null' && check 'updated' 0 version=2 label
check 'service rollback' 0 '' sh -c 'docker service rollback -q web > /dev/null' && check 'rolled back' 0 version=1 label
check 'service rm' 0 web docker service rm web
wait_for 60 sh -c '[ -z "$(docker ps -aq)" ]' || true
check 'swarm leave' 0 '' sh -c 'docker swarm leave --force > /dev/null'
check 'nothing left' 0 '' docker ps -aq
kill $daemon
wait $daemon || true
finish
