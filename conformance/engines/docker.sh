#!/bin/sh
# docker: containers by themselves, from run to rm, and the options that end up in their configuration.
set -eu
ENGINE=docker
. "${0%/*}/docker-common.sh"
start_dockerd
import_alpine

many() {
  for i in 1 2 3 4 5 6 7 8 9 10; do once alpine echo $i & done | sort -n | tr '\n' ' '
  wait
}

check 'guide: the default' 0 'runt
hello
hello' guide_steps docker check
check 'exit status' 7 '' once alpine sh -c 'exit 7'
check 'killed by a signal' 143 '' once --init alpine sh -c 'kill -TERM $$'
check 'command not found' 127 '' once alpine no-such-command
check 'not to be executed' 126 '' sh -c 'docker run --rm --network none alpine /etc/passwd > /dev/null'
check 'standard error' 0 complaint sh -c 'docker run --rm --network none alpine sh -c "echo complaint >&2" 2>&1 > /dev/null'
check 'hostname' 0 litter once --hostname litter alpine hostname
check 'attach' 0 input sh -c 'echo input | timeout 20 docker run --rm -i --network none alpine cat'
check 'terminal' 0 terminal sh -c "script -qc \"docker run --rm -t --network none alpine sh -c 'test -t 1 && printf terminal'\" /dev/null < /dev/null 2> /dev/null | grep -o terminal | head -n 1"

run -d --name long alpine sh -c 'echo started; exec sleep 1000' > /dev/null || true
check 'exec' 0 inside docker exec long echo inside
check 'exec exit status' 5 '' docker exec long sh -c 'exit 5'
check 'exec with input' 0 input sh -c 'echo input | docker exec -i long cat'
check 'exec detached' 0 done sh -c 'docker exec -d long touch /tmp/done; for i in $(seq 50); do docker exec long test -e /tmp/done && break; sleep 0.1; done; docker exec long ls /tmp'
check 'exec with a terminal' 0 terminal sh -c "script -qc \"docker exec -t long sh -c 'test -t 1 && printf terminal'\" /dev/null < /dev/null 2> /dev/null | grep -o terminal | head -n 1"
check 'exec with environment' 0 value docker exec --env NAME=value long sh -c 'echo $NAME'
check 'exec with privileges' 0 more docker exec --privileged long sh -c '[ "$(sed -n "s/CapEff:.//p" /proc/self/status)" != "$(sed -n "s/CapEff:.//p" /proc/1/status)" ] && echo more'
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
check 'cp out' 0 copied sh -c 'docker cp -q long:/tmp/file - | tar -xO'
check 'diff' 0 'A /tmp/file' sh -c 'docker diff long | grep /tmp/file'
check 'commit' 0 copied sh -c 'docker commit long committed > /dev/null && docker run --rm --network none committed cat /tmp/file'
check 'update' 0 long sh -c 'docker update --restart no long | head -n 1'
check 'kill' 0 long docker kill long
check 'wait' 0 137 docker wait long
check 'rm' 0 long docker rm long
check 'attach to a running one' 0 seen sh -c 'docker run -d -i --name talk --network none alpine sh -c "read line; echo \$line" > /dev/null; { echo seen; sleep 1; } | timeout 20 docker attach talk; docker rm -f talk > /dev/null'
check 'create, then start attached' 0 late sh -c 'docker create --name late --network none alpine echo late > /dev/null && docker start -a late && docker rm late > /dev/null'
run -d --name polite --stop-signal USR1 alpine sh -c 'trap "echo asked; exit 3" USR1; while :; do sleep 0.1; done' > /dev/null || true
check 'stop by its signal' 0 polite docker stop -t 10 polite
check 'exit status of a stopped one' 0 3 docker wait polite
check 'start again' 0 polite docker start polite
check 'restart' 0 polite docker restart -t 1 polite
check 'rm of a running one' 0 polite docker rm -f polite
run -d --name deaf alpine sh -c 'trap "" TERM; while :; do sleep 0.1; done' > /dev/null || true
check 'stop of one that does not listen' 0 deaf docker stop -t 1 deaf
check 'it was killed' 0 137 docker wait deaf
check 'rename and rm' 0 other sh -c 'docker rename deaf other && docker rm other'

check 'volume' 0 content sh -c 'docker run --rm --network none -v data:/data alpine sh -c "echo content > /data/file" && docker run --rm --network none -v data:/data:ro alpine cat /data/file'
check 'read-only volume' 1 '' once -v data:/data:ro alpine touch /data/other
check 'folder of the host' 0 content sh -c 'mkdir /tmp/host && echo content > /tmp/host/file && docker run --rm --network none -v /tmp/host:/host:ro alpine cat /host/file'
check 'folder of the host with its mounts, read-only' 0 refused sh -c 'mkdir /tmp/host/below && mount -t tmpfs tmpfs /tmp/host/below && docker run --rm --network none --mount type=bind,source=/tmp/host,target=/host,readonly alpine sh -c "touch /host/below/file 2> /dev/null || echo refused"'
check 'read-only root' 1 '' once --read-only alpine touch /file
check 'tmpfs' 0 tmpfs once --tmpfs /scratch alpine sh -c 'sed -n "s,^tmpfs /scratch \([a-z]*\) .*,\1,p" /proc/mounts'
check 'shared memory of a size' 0 size=2048k once --shm-size 2m alpine sh -c 'grep "/dev/shm" /proc/mounts | grep -o size=2048k'
check 'capabilities' 0 0000000000000000 once --cap-drop all alpine sh -c 'sed -n "s/CapEff:.//p" /proc/self/status'
check 'ulimit' 0 512 once --ulimit nofile=512:512 alpine sh -c 'ulimit -n'
check 'device' 0 'a,e5' once --device /dev/fuse alpine stat -c '%t,%T' /dev/fuse
check 'init' 0 docker-init once --init alpine cat /proc/1/comm
check 'user and groups' 0 '1000 10 20' once --user 1000:10 --group-add 20 alpine sh -c 'echo $(id -u) $(id -G)'
check 'sysctl' 0 1 once --sysctl net.ipv4.ip_forward=1 alpine cat /proc/sys/net/ipv4/ip_forward
check 'out-of-memory score' 0 500 once --oom-score-adj 500 alpine cat /proc/self/oom_score_adj
check 'pids of the host' 0 host once --pid host alpine sh -c '[ $$ = 1 ] || echo host'
check 'namespaces of another' 0 joined sh -c 'docker run -d --name first --network none --ipc shareable alpine sleep 1000 > /dev/null; docker run --rm --pid container:first --network container:first --ipc container:first alpine sh -c "[ \$\$ -gt 1 ] && echo joined"; docker rm -f first > /dev/null'
check 'cgroup namespace of the host' 0 deep once --cgroupns host alpine sh -c '[ "$(cat /proc/self/cgroup)" = 0::/ ] || echo deep'
check 'cgroup below another' 0 '/town/' sh -c 'docker run --rm --network none --cgroupns host --cgroup-parent /town alpine sh -c "grep -o /town/ /proc/self/cgroup"'
check 'no-new-privileges' 0 1 once --security-opt no-new-privileges alpine sh -c 'sed -n "s/NoNewPrivs:.//p" /proc/self/status'
check 'seccomp' 0 2 once alpine sh -c 'sed -n "s/Seccomp:.//p" /proc/self/status'
check 'seccomp unconfined' 0 0 once --security-opt seccomp=unconfined alpine sh -c 'sed -n "s/Seccomp:.//p" /proc/self/status'
check 'paths of the system, unmasked' 1 0 once --security-opt systempaths=unconfined alpine grep -c ' /sys/firmware ' /proc/mounts
check 'healthcheck' 0 healthy sh -c 'docker run -d --name well --network none --health-cmd "echo fine" --health-interval 1s alpine sleep 1000 > /dev/null
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do [ "$(docker inspect --format "{{.State.Health.Status}}" well)" = healthy ] && break; sleep 1; done
  docker inspect --format "{{.State.Health.Status}}" well; docker rm -f well > /dev/null'
check 'restart policy' 0 '2' sh -c 'docker run -d --name again --network none --restart on-failure:2 alpine sh -c "exit 1" > /dev/null; docker wait again > /dev/null
  for i in 1 2 3 4 5 6 7 8 9 10; do [ "$(docker inspect --format "{{.RestartCount}}" again)" = 2 ] && break; sleep 1; done
  docker inspect --format "{{.RestartCount}}" again; docker rm -f again > /dev/null'
check 'ten at once' 0 '1 2 3 4 5 6 7 8 9 10 ' many

mkdir -p /tmp/context
printf hidden > /tmp/secret
printf 'FROM alpine\nRUN echo built > /built\nUSER 1000\nRUN id -u > /tmp/user\nCMD ["cat", "/built", "/tmp/user"]\n' > /tmp/context/Dockerfile
check 'classic build' 0 'built
1000' sh -c 'DOCKER_BUILDKIT=0 docker build -q --network none -t built /tmp/context > /dev/null 2>&1 && docker run --rm --network none built'
check 'BuildKit' 0 'built
1000' sh -c 'docker build -q --no-cache --network none -t built2 /tmp/context > /dev/null && docker run --rm --network none built2'
printf 'FROM alpine\nRUN --mount=type=secret,id=s cat /run/secrets/s > /secret\nRUN --mount=type=tmpfs,target=/scratch touch /scratch/file\nRUN --mount=type=cache,target=/cache echo kept > /cache/file\nRUN --mount=type=cache,target=/cache cat /cache/file > /kept\nRUN --mount=type=bind,target=/bound cat /bound/Dockerfile > /dev/null\nCMD ["cat", "/secret", "/kept"]\n' > /tmp/mounts
check 'BuildKit with mounts' 0 hiddenkept sh -c 'docker build -q --network none --secret id=s,src=/tmp/secret -t built3 -f /tmp/mounts /tmp/context > /dev/null && docker run --rm --network none built3'
printf 'FROM alpine\nRUN exit 9\n' > /tmp/fails
check 'BuildKit: a step that fails' 1 'exit code: 9' sh -c 'docker build --network none -f /tmp/fails /tmp/context > /tmp/build.log 2>&1; s=$?; grep -o "exit code: 9" /tmp/build.log | head -n 1; exit $s'

# live-restore: containers go on while the daemon is away.
stop_dockerd
start_dockerd --live-restore
run -d --name survivor alpine sleep 1000 > /dev/null
stop_dockerd
start_dockerd --live-restore
check 'the daemon restarts, the container goes on' 0 'running inside' sh -c 'echo "$(docker inspect --format "{{.State.Status}}" survivor) $(docker exec survivor echo inside)"'
check 'it can be stopped' 0 137 sh -c 'docker kill survivor > /dev/null; docker wait survivor; docker rm survivor > /dev/null'
check 'nothing left' 0 '' docker ps -aq
stop_dockerd
echo 'mapped:x:200000:200000::/:/bin/false' >> /etc/passwd
echo 'mapped:x:200000:' >> /etc/group
echo 'mapped:200000:65536' | tee /etc/subuid > /etc/subgid
start_dockerd --userns-remap mapped
import_alpine
check 'user namespace of the daemon' 0 200000 once alpine sh -c "awk '{print \$2}' /proc/self/uid_map"
check 'BuildKit in it' 0 'built
1000' sh -c 'docker build -q --no-cache --network none -t built /tmp/context > /dev/null && docker run --rm --network none built'
check 'no cgroup left' 0 '' sh -c 'find /sys/fs/cgroup/docker /sys/fs/cgroup/town -mindepth 1 -type d ! -name buildkit 2> /dev/null || true'
stop_dockerd
finish
