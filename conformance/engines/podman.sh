#!/bin/sh
# podman, with the runtime under test: foreground, exit status, detached with exec and logs, removal while running.
set -eu
ENGINE=podman
. "${0%/*}/common.sh"

# Natively root lacks CAP_SYS_RESOURCE on some machines, so podman's default limits could not be raised to; there are no
# controllers for a limit of processes; and there is no journal.
cat > /tmp/containers.conf <<CONF
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
pids_limit = 0
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "tested"
runtime_supports_json = ["tested"]
runtime_supports_nocgroup = ["tested"]
[engine.runtimes]
tested = ["$RUNTIME"]
CONF
echo '{"default": [{"type": "insecureAcceptAnything"}]}' > /tmp/policy.json
export CONTAINERS_CONF=/tmp/containers.conf

p() { podman --storage-driver vfs "$@"; }

# The image is read-only.
cp -a /etc /tmp/etc
mount --bind /tmp/etc /etc
echo "version: $(podman --version | sed 's/.* //')"
make_rootfs_tar
mkdir -p /tmp/empty /tmp/idmap-source
touch /tmp/idmap-source/file
p import --signature-policy /tmp/policy.json /tmp/rootfs.tar busybox > /dev/null 2>&1 || p import /tmp/rootfs.tar busybox > /dev/null

check 'run echo' 0 hello p run --rm --network none busybox echo hello
check 'exit status' 7 '' p run --rm --network none busybox sh -c 'exit 7'
check 'command not found' 127 '' p run --rm --network none busybox no-such-command
check 'hostname' 0 litter p run --rm --network none --hostname litter busybox hostname
p run -d --name long --network none busybox sh -c 'echo started; exec sleep 1000' > /dev/null
check 'exec' 0 inside p exec long echo inside
check 'exec exit status' 5 '' p exec long sh -c 'exit 5'
check 'logs' 0 started p logs long
check 'state' 0 running p inspect --format '{{.State.Status}}' long
check 'top' 0 '1 sleep 1000' sh -c "podman --storage-driver vfs top long pid args | tail -n 1 | tr -s ' ' | sed 's/ $//'"
check 'stats' 0 long p stats --no-stream --format '{{.Name}}' long
check 'pause' 0 long p pause long
check 'state of a paused one' 0 paused p inspect --format '{{.State.Status}}' long
check 'exec in a paused one' 255 '' p exec long echo inside
check 'unpause' 0 long p unpause long
check 'exec after it' 0 inside p exec long echo inside
check 'exec as a user, in a directory' 0 '1000 /tmp' p exec --user 1000 --workdir /tmp long sh -c 'echo "$(id -u) $(pwd)"'
check 'exec with a terminal' 0 terminal p exec -t long sh -c 'test -t 1 && printf terminal'
check 'kill' 0 long p kill long
check 'wait' 0 137 p wait long
check 'start again' 0 long p start long
check 'restart' 0 long p restart -t 0 long
check 'rm' 0 long p rm -f -t 0 long

p run -d --name polite --network none --stop-signal USR1 busybox sh -c 'trap "echo asked; exit 3" USR1; while :; do sleep 0.1; done' > /dev/null
check 'stop by its signal' 0 polite p stop -t 10 polite
check 'exit status of a stopped one' 0 3 p wait polite
check 'logs of a stopped one' 0 asked p logs polite
check 'rm of a stopped one' 0 polite p rm polite
check 'attach' 0 input sh -c 'echo input | timeout 20 podman --storage-driver vfs run --rm -i --network none busybox cat'
check 'healthcheck' 0 '' sh -c 'podman --storage-driver vfs run -d --name sick --network none --health-cmd "echo fine" --health-interval disable busybox sleep 1000 > /dev/null &&
  podman --storage-driver vfs healthcheck run sick && podman --storage-driver vfs rm -f -t 0 sick > /dev/null'

check 'volume' 0 content sh -c 'podman --storage-driver vfs run --rm --network none -v data:/data busybox sh -c "echo content > /data/file" &&
  podman --storage-driver vfs run --rm --network none -v data:/data:ro busybox cat /data/file'
check 'read-only volume' 1 '' p run --rm --network none -v data:/data:ro busybox touch /data/other
check 'secret' 0 hidden sh -c 'printf hidden | podman --storage-driver vfs secret create s - > /dev/null &&
  podman --storage-driver vfs run --rm --network none --secret s busybox cat /run/secrets/s'
check 'read-only root' 1 '' p run --rm --network none --read-only busybox touch /file
check 'tmpfs' 0 tmpfs p run --rm --network none --tmpfs /scratch busybox sh -c 'sed -n "s,^tmpfs /scratch \([a-z]*\) .*,\1,p" /proc/mounts'
check 'capabilities' 0 0000000000000000 p run --rm --network none --cap-drop all busybox sh -c 'sed -n "s/CapEff:.//p" /proc/self/status'
check 'sysctl' 0 1 p run --rm --network none --sysctl net.ipv4.ip_forward=1 busybox cat /proc/sys/net/ipv4/ip_forward
check 'device' 0 'a,e5' p run --rm --network none --device /dev/fuse busybox stat -c '%t,%T' /dev/fuse
check 'ulimit' 0 512 p run --rm --network none --ulimit nofile=512:512 busybox sh -c 'ulimit -n'
check 'pids of the host' 0 host p run --rm --network none --pid host busybox sh -c '[ $$ = 1 ] || echo host'
# Podman asks its runtime for --cgroup-manager disabled then, which runc does not know.
case $RUNTIME in */runc) ;; *) check 'cgroups disabled' 0 hello p run --rm --network none --cgroups disabled busybox echo hello ;; esac
check 'cgroups split' 0 hello p run --rm --network none --cgroups split busybox echo hello
check 'systemd mode' 0 tmpfs p run --rm --network none --systemd always busybox sh -c 'sed -n "s,^tmpfs /run \([a-z]*\) .*,\1,p" /proc/mounts'

echo 'root:100000:65536
containers:200000:1000000' > /tmp/subids
cp /tmp/subids /etc/subuid
cp /tmp/subids /etc/subgid
echo 'containers:x:9999:9999::/:/bin/false' >> /etc/passwd
check 'user namespace by maps' 0 '100000' p run --rm --network none --uidmap 0:100000:1000 --gidmap 0:100000:1000 busybox sh -c "awk '{print \$2}' /proc/self/uid_map"
check 'userns=auto' 0 own p run --rm --network none --userns auto busybox sh -c "awk '{ if (\$2 >= 200000) print \"own\" }' /proc/self/uid_map"
check 'volume, id-mapped' 0 '0' p run --rm --network none --uidmap 0:100000:1000 --gidmap 0:100000:1000 -v /tmp/idmap-source:/data:idmap busybox stat -c %u /data/file

check 'pod' 0 'hello' sh -c 'podman --storage-driver vfs pod create --name pod --network none --infra-image busybox --infra-command "sleep 1000" > /dev/null &&
  podman --storage-driver vfs run --rm --pod pod busybox echo hello'
check 'pod: shared namespaces' 0 pod sh -c 'podman --storage-driver vfs run --rm --pod pod busybox hostname'
check 'pod rm' 0 '' sh -c 'podman --storage-driver vfs pod rm -f -t 0 pod > /dev/null'

printf 'FROM busybox\nRUN echo built > /built\nCMD ["cat", "/built"]\n' > /tmp/Containerfile
check 'build, isolation oci' 0 built sh -c "podman --storage-driver vfs build -q --isolation oci --runtime '$RUNTIME' --network none -t built -f /tmp/Containerfile /tmp/empty > /dev/null &&
  podman --storage-driver vfs run --rm --network none built"
check 'build, isolation chroot' 0 built sh -c 'podman --storage-driver vfs build -q --isolation chroot --network host --no-cache -t built2 -f /tmp/Containerfile /tmp/empty > /dev/null &&
  podman --storage-driver vfs run --rm --network none built2'
check 'buildah run' 0 ran sh -c "c=\$(buildah --storage-driver vfs from --pull-never busybox) && buildah --storage-driver vfs run --isolation oci --runtime '$RUNTIME' --network none \$c echo ran; buildah --storage-driver vfs rm \$c > /dev/null"

p run -d --name dump --network none busybox sh -c 'i=0; while :; do i=$((i+1)); echo $i > /tmp/count; sleep 0.1; done' > /dev/null
sleep 1
check 'checkpoint' 0 dump p container checkpoint dump
check 'restore' 0 dump p container restore dump
check 'goes on after restore' 0 on p exec dump sh -c 'a=$(cat /tmp/count); sleep 1; [ $(cat /tmp/count) -gt $a ] && [ $a -gt 1 ] && echo on'
check 'rm of a restored one' 0 dump p rm -f -t 0 dump
check 'nothing left' 0 '' p ps -aq
finish
