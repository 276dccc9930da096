#!/bin/sh
# podman: containers by themselves, from run to rm, and the options that end up in their configuration.
set -eu
ENGINE=podman
. "${0%/*}/podman-common.sh"
import_alpine

# Before the default is configured: the path alone must do.
mv /etc/containers/containers.conf /tmp/
check 'guide: one command' 0 hello guide_steps podman 'one command'
mv /tmp/containers.conf /etc/containers/
check 'guide: the default' 0 'runt /usr/local/bin/runt
hello' guide_steps podman check

check 'exit status' 7 '' once alpine sh -c 'exit 7'
check 'killed by a signal' 143 '' once --init alpine sh -c 'kill -TERM $$'
check 'command not found' 127 '' once alpine no-such-command
check 'not to be executed' 126 '' once alpine /etc/passwd
check 'standard error' 0 complaint sh -c 'podman run --rm --network none alpine sh -c "echo complaint >&2" 2>&1 > /dev/null'
check 'hostname' 0 litter once --hostname litter alpine hostname
check 'terminal' 0 terminal sh -c "script -qc \"podman run --rm -t --network none alpine sh -c 'test -t 1 && printf terminal'\" /dev/null < /dev/null 2> /dev/null | grep -o terminal | head -n 1"
check 'driver vfs' 0 hello sh -c 'podman --storage-driver vfs --root /var/lib/vfs import /tmp/rootfs.tar alpine > /dev/null 2>&1 && podman --storage-driver vfs --root /var/lib/vfs run --rm --network none alpine echo hello'
check 'root file system by its path' 0 hello once --rootfs /tmp/rootfs echo hello

run -d --name long alpine sh -c 'echo started; exec sleep 1000' > /dev/null
check 'exec' 0 inside podman exec long echo inside
check 'exec exit status' 5 '' podman exec long sh -c 'exit 5'
check 'exec of what is not there' 127 '' podman exec long no-such-command
check 'exec of what may not be executed' 126 '' podman exec long /etc/passwd
check 'exec with input' 0 input sh -c 'echo input | podman exec -i long cat'
check 'exec detached' 0 done sh -c 'podman exec -d long touch /tmp/done > /dev/null; for i in $(seq 50); do podman exec long test -e /tmp/done && break; sleep 0.1; done; podman exec long ls /tmp'
check 'exec as a user, in a directory' 0 '1000 /tmp' podman exec --user 1000 --workdir /tmp long sh -c 'echo "$(id -u) $(pwd)"'
check 'exec with environment' 0 value podman exec --env NAME=value long sh -c 'echo $NAME'
check 'exec with a terminal' 0 terminal podman exec -t long sh -c 'test -t 1 && printf terminal'
check 'exec with privileges' 0 same podman exec --privileged long sh -c 'grep -q "CapEff:.0000000000000000" /proc/self/status || echo same'
check 'logs' 0 started podman logs long
check 'state' 0 running podman inspect --format '{{.State.Status}}' long
check 'top' 0 '1 sleep 1000' sh -c "podman top long pid args | tail -n 1 | tr -s ' ' | sed 's/ $//'"
check 'stats' 0 long podman stats --no-stream --format '{{.Name}}' long
check 'pause' 0 long podman pause long
check 'state of a paused one' 0 paused podman inspect --format '{{.State.Status}}' long
check 'exec in a paused one' 255 '' podman exec long echo inside
check 'unpause' 0 long podman unpause long
check 'exec after it' 0 inside podman exec long echo inside
check 'cp' 0 copied sh -c 'echo copied > /tmp/copied && podman cp /tmp/copied long:/tmp/file && podman exec long cat /tmp/file'
check 'commit' 0 copied sh -c 'podman commit -q long committed > /dev/null && podman run --rm --network none committed cat /tmp/file'
check 'attach to a running one' 0 seen sh -c 'podman run -d -i --name talk --network none alpine sh -c "read line; echo \$line" > /dev/null; echo seen | timeout 20 podman attach talk; podman rm -f -t 0 talk > /dev/null'
check 'kill' 0 long podman kill long
check 'wait' 0 137 podman wait long
check 'start again' 0 long podman start long
check 'restart' 0 long podman restart -t 0 long
check 'rm' 0 long podman rm -f -t 0 long

run -d --name polite --stop-signal USR1 alpine sh -c 'trap "echo asked; exit 3" USR1; while :; do sleep 0.1; done' > /dev/null
check 'stop by its signal' 0 polite podman stop -t 10 polite
check 'exit status of a stopped one' 0 3 podman wait polite
check 'logs of a stopped one' 0 asked podman logs polite
check 'rm of a stopped one' 0 polite podman rm polite
run -d --name deaf alpine sh -c 'trap "" TERM; while :; do sleep 0.1; done' > /dev/null
check 'stop of one that does not listen' 0 deaf podman stop -t 1 deaf
check 'it was killed' 0 137 podman wait deaf
check 'rm of it' 0 deaf podman rm deaf
check 'attach' 0 input sh -c 'echo input | timeout 20 podman run --rm -i --network none alpine cat'
check 'create, then start attached' 0 late sh -c 'podman create --name late --network none alpine echo late > /dev/null && podman start -a late && podman rm late > /dev/null'
check 'healthcheck, healthy' 0 '' sh -c 'podman run -d --name well --network none --health-cmd "echo fine" --health-interval disable alpine sleep 1000 > /dev/null &&
  podman healthcheck run well && podman rm -f -t 0 well > /dev/null'
check 'healthcheck, unhealthy' 1 unhealthy sh -c 'podman run -d --name sick --network none --health-cmd "exit 1" --health-retries 1 --health-interval disable alpine sleep 1000 > /dev/null
  podman healthcheck run sick; s=$?; podman rm -f -t 0 sick > /dev/null; exit $s'
check 'restart policy' 0 2 sh -c 'podman run -d --name again --network none --restart on-failure:2 alpine sh -c "exit 1" > /dev/null
  for i in $(seq 100); do [ "$(podman inspect --format "{{.RestartCount}} {{.State.Status}}" again)" = "2 exited" ] && break; sleep 0.1; done
  podman inspect --format "{{.RestartCount}}" again; podman rm -f again > /dev/null'
check 'timeout' 0 exited sh -c 'podman run -d --name brief --network none --timeout 1 alpine sleep 1000 > /dev/null; podman wait brief > /dev/null; podman inspect --format "{{.State.Status}}" brief; podman rm brief > /dev/null'

check 'volume' 0 content sh -c 'podman run --rm --network none -v data:/data alpine sh -c "echo content > /data/file" &&
  podman run --rm --network none -v data:/data:ro alpine cat /data/file'
check 'read-only volume' 1 '' once -v data:/data:ro alpine touch /data/other
check 'volume of the host, recursive and shared' 0 seen sh -c 'mkdir -p /tmp/host && mount -t tmpfs tmpfs /tmp/host && mount --make-shared /tmp/host && mkdir /tmp/host/below && mount -t tmpfs tmpfs /tmp/host/below && touch /tmp/host/below/seen &&
  podman run --rm --network none -v /tmp/host:/host:rslave alpine ls /host/below'
check 'volume over an overlay' 0 '' sh -c 'podman run --rm --network none -v /tmp/host:/host:O alpine touch /host/new && [ ! -e /tmp/host/new ]'
check 'volume of an image' 0 'root:x:0:0:root:/:/bin/sh' once --mount type=image,source=alpine,destination=/image alpine cat /image/etc/passwd
check 'volumes from another' 0 content sh -c 'podman create --name holder --network none -v data:/data alpine true > /dev/null && podman run --rm --network none --volumes-from holder alpine cat /data/file; podman rm holder > /dev/null'
check 'secret' 0 hidden sh -c 'printf hidden | podman secret create s - > /dev/null && podman run --rm --network none --secret s alpine cat /run/secrets/s'
check 'secret in the environment' 0 hidden sh -c 'podman run --rm --network none --secret s,type=env,target=S alpine sh -c "echo \$S"'
check 'read-only root' 1 '' once --read-only alpine touch /file
check 'tmpfs' 0 tmpfs once --tmpfs /scratch alpine sh -c 'sed -n "s,^tmpfs /scratch \([a-z]*\) .*,\1,p" /proc/mounts'
check 'shared memory of a size' 0 size=2048k once --shm-size 2m alpine sh -c 'grep "/dev/shm" /proc/mounts | grep -o size=2048k'
check 'capabilities' 0 0000000000000000 once --cap-drop all alpine sh -c 'sed -n "s/CapEff:.//p" /proc/self/status'
check 'privileged' 0 more once --privileged alpine sh -c '[ $(ls /dev | wc -l) -gt 30 ] && [ -w /proc/sys/kernel/hostname ] && echo more'
check 'no new privileges' 0 1 once --security-opt no-new-privileges alpine sh -c 'sed -n "s/NoNewPrivs:.//p" /proc/self/status'
check 'seccomp' 0 2 once alpine sh -c 'sed -n "s/Seccomp:.//p" /proc/self/status'
check 'seccomp unconfined' 0 0 once --security-opt seccomp=unconfined alpine sh -c 'sed -n "s/Seccomp:.//p" /proc/self/status'
check 'masked path' 0 '' once --security-opt mask=/etc/passwd alpine cat /etc/passwd
check 'masked folder' 0 1 once alpine grep -c ' /sys/firmware ' /proc/mounts
check 'unmasked folder' 1 0 once --security-opt unmask=/sys/firmware alpine grep -c ' /sys/firmware ' /proc/mounts
check 'sysctl' 0 1 once --sysctl net.ipv4.ip_forward=1 alpine cat /proc/sys/net/ipv4/ip_forward
check 'device' 0 'a,e5' once --device /dev/fuse alpine stat -c '%t,%T' /dev/fuse
check 'ulimit' 0 512 once --ulimit nofile=512:512 alpine sh -c 'ulimit -n'
check 'umask and groups' 0 '0077 1000 10 20' once --umask 0077 --user 1000:10 --group-add 20 alpine sh -c 'echo $(umask) $(id -u) $(id -G)'
check 'out-of-memory score' 0 500 once --oom-score-adj 500 alpine cat /proc/self/oom_score_adj
check 'descriptors' 0 passed sh -c 'echo passed > /tmp/passed; podman run --rm --network none --preserve-fds 1 alpine cat /proc/self/fd/3 3< /tmp/passed'
check 'init' 0 podman-init once --init alpine cat /proc/1/comm
check 'pids of the host' 0 host once --pid host alpine sh -c '[ $$ = 1 ] || echo host'
check 'namespaces of another' 0 2 sh -c 'podman run -d --name first --network none alpine sleep 1000 > /dev/null; podman run --rm --pid container:first --network container:first --ipc container:first alpine sh -c "ps | grep -c [s]leep; [ \$\$ -gt 1 ] && echo 2" | tail -n 1; podman rm -f -t 0 first > /dev/null'
check 'cgroup namespace of the host' 0 deep once --cgroupns host alpine sh -c '[ "$(cat /proc/self/cgroup)" = 0::/ ] || echo deep'
# Podman asks its runtime for --cgroup-manager disabled then, which runc does not know.
! $is_runt || check 'cgroups disabled' 0 hello once --cgroups disabled alpine echo hello
check 'cgroups split' 0 hello once --cgroups split alpine echo hello
check 'cgroups without conmon' 0 hello once --cgroups no-conmon alpine echo hello
check 'systemd mode' 0 tmpfs once --systemd always alpine sh -c 'sed -n "s,^tmpfs /run \([a-z]*\) .*,\1,p" /proc/mounts'

check 'user namespace by maps' 0 '100000' once --uidmap 0:100000:1000 --gidmap 0:100000:1000 alpine sh -c "awk '{print \$2}' /proc/self/uid_map"
check 'userns=auto' 0 own once --userns auto alpine sh -c "awk '{ if (\$2 >= 2000000) print \"own\" }' /proc/self/uid_map"
check 'userns=auto of a size' 0 5000 once --userns auto:size=5000 alpine sh -c "awk '{print \$3}' /proc/self/uid_map"
mkdir -p /tmp/idmap-source
touch /tmp/idmap-source/file
check 'volume, id-mapped' 0 '0' once --uidmap 0:100000:1000 --gidmap 0:100000:1000 -v /tmp/idmap-source:/data:idmap alpine stat -c %u /data/file
check 'volume, id-mapped as told' 0 '7' once -v '/tmp/idmap-source:/data:idmap=uids=0-7-1;gids=0-8-1' alpine stat -c %u /data/file

run -d --name dump alpine sh -c 'i=0; while :; do i=$((i+1)); echo $i > /tmp/count; sleep 0.1; done' > /dev/null
sleep 1
check 'checkpoint' 0 dump podman container checkpoint dump
check 'restore' 0 dump podman container restore dump
check 'goes on after restore' 0 on podman exec dump sh -c 'a=$(cat /tmp/count); sleep 1; [ $(cat /tmp/count) -gt $a ] && [ $a -gt 1 ] && echo on'
check 'checkpoint into a file' 0 dump podman container checkpoint --export /tmp/dump.tar.gz dump
check 'rm of a restored one' 0 dump podman rm -f -t 0 dump
check 'restore from a file' 0 twin sh -c 'podman container restore --import /tmp/dump.tar.gz --name twin > /dev/null && podman ps --format "{{.Names}}"'
check 'that one goes on' 0 on podman exec twin sh -c 'a=$(cat /tmp/count); sleep 1; [ $(cat /tmp/count) -gt $a ] && [ $a -gt 9 ] && echo on'
check 'rm of that one' 0 twin podman rm -f -t 0 twin
check 'nothing left' 0 '' podman ps -aq
check 'no cgroup left' 0 '' sh -c 'find /sys/fs/cgroup -name "libpod-*" | grep -v libpod_parent$ || true'
finish
