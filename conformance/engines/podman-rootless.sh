#!/bin/sh
# podman and buildah of an ordinary user: alice, with ranges of ids, without and with a cgroup of her own.
set -eu
ENGINE=podman-rootless
. "${0%/*}/podman-common.sh"
echo 'alice:x:1000:1000::/var/lib/alice:/bin/sh' >> /etc/passwd
echo 'alice:x:1000:' >> /etc/group
mkdir -p /var/lib/alice /run/user/1000 /tmp/context
chown 1000:1000 /var/lib/alice /run/user/1000 /tmp/context
chmod 0700 /run/user/1000
cp /tmp/rootfs.tar /tmp/context/
make_uplink

as_alice() {
  setpriv --reuid 1000 --regid 1000 --init-groups env -i -C /var/lib/alice PATH="$PATH" HOME=/var/lib/alice USER=alice XDG_RUNTIME_DIR=/run/user/1000 "$@"
}
p() { as_alice podman "$@"; }
once() { p run --rm --network none "$@"; }
as_alice podman import /tmp/rootfs.tar docker.io/library/alpine:latest > /dev/null 2>&1

check 'guide: without root' 0 1000 as_alice sh -ec "$(guide podman 'without root')"
check 'runtime' 0 "runt true" p info --format '{{.Host.OCIRuntime.Name}} {{.Host.Security.Rootless}}'
check 'run' 0 '0' once alpine id -u
check 'exit status' 7 '' once alpine sh -c 'exit 7'
check 'command not found' 127 '' once alpine no-such-command
check 'terminal' 0 terminal as_alice sh -c "script -qc \"podman run --rm -t --network none alpine sh -c 'test -t 1 && printf terminal'\" /dev/null < /dev/null 2> /dev/null | grep -o terminal | head -n 1"
check 'ids' 0 '0 1000 1,1 300000 65536,' once alpine sh -c "awk '{ printf \"%s %s %s,\", \$1, \$2, \$3 }' /proc/self/uid_map"
check 'keep-id' 0 '1000 1000' once --userns keep-id alpine sh -c 'echo "$(id -u) $(id -g)"'
check 'keep-id as another' 0 '33' once --userns keep-id:uid=33,gid=33 alpine id -u
as_alice mkdir -p /var/lib/alice/data
kept() { once --userns keep-id -v /var/lib/alice/data:/data alpine touch /data/kept && stat -c %u /var/lib/alice/data/kept; }
check 'keep-id and a volume' 0 1000 kept
mapped() { once --user 5 -v /var/lib/alice/data:/data:U alpine touch /data/mapped && stat -c %u /var/lib/alice/data/mapped; }
check 'a volume given away' 0 300004 mapped
check 'userns=nomap, without the own id' 0 '0 1' once --userns nomap alpine sh -c "awk 'NR == 1 { print \$1, \$2 }' /proc/self/uid_map"
check 'userns=auto' 0 own once --userns auto:size=1000 alpine sh -c "awk '\$3 == 1000 { print \"own\" }' /proc/self/uid_map"
check 'userns=host' 0 0 once --userns host alpine id -u
check 'read-only root and tmpfs' 0 tmpfs once --read-only --tmpfs /scratch alpine sh -c 'touch /file 2> /dev/null || sed -n "s,^tmpfs /scratch \([a-z]*\) .*,\1,p" /proc/mounts'
check 'privileged' 0 more once --privileged alpine sh -c '[ -w /proc/sys/kernel/hostname ] && echo more'
check 'secret' 0 hidden as_alice sh -c 'printf hidden | podman secret create s - > /dev/null && podman run --rm --network none --secret s alpine cat /run/secrets/s'
check 'pids of the host' 0 host once --pid host alpine sh -c '[ $$ = 1 ] || echo host'
check 'sysctl' 0 1 once --sysctl net.ipv4.ip_forward=1 alpine cat /proc/sys/net/ipv4/ip_forward
check 'init' 0 podman-init once --init alpine cat /proc/1/comm
check 'systemd mode' 0 tmpfs once --systemd always alpine sh -c 'sed -n "s,^tmpfs /run \([a-z]*\) .*,\1,p" /proc/mounts'
check 'a group of the caller, kept' 0 hello once --group-add keep-groups alpine echo hello
check 'network by pasta' 0 192.0.2.2 p run --rm --network pasta alpine sh -c "ip -4 address show | grep -o '192\.0\.2\.2' | head -n 1"
check 'network by slirp4netns' 0 tap0 p run --rm --network slirp4netns alpine sh -c 'ip link show tap0 | grep -o tap0 | head -n 1'
p network create --subnet 10.89.0.0/24 town > /dev/null 2>&1 || true
check 'network by a bridge' 0 10.89.0 p run --rm --network town alpine sh -c "ip -4 address show eth0 | grep -o '10\.89\.0' | head -n 1"
published() {
  p run -d --name server --network pasta -p 127.0.0.1:8080:80 alpine sh -c 'while :; do echo served | nc -l -p 80; done' > /dev/null
  /run/engines/get.sh 127.0.0.1 8080
  p rm -f -t 0 server > /dev/null
}
check 'published port' 0 served published

p run -d --name long --network none alpine sh -c 'echo started; exec sleep 1000' > /dev/null
check 'exec' 0 inside p exec long echo inside
check 'exec as a user' 0 1000 p exec --user 1000 long id -u
check 'exec with a terminal' 0 terminal p exec -t long sh -c 'test -t 1 && printf terminal'
check 'logs' 0 started p logs long
check 'top' 0 '1 sleep 1000' as_alice sh -c "podman top long pid args | tail -n 1 | tr -s ' ' | sed 's/ $//'"
check 'restart' 0 long p restart -t 0 long
check 'stop' 0 long p stop -t 0 long
check 'rm' 0 long p rm long
check 'pod' 0 together as_alice sh -c 'podman pod create --name pod --network none --hostname together --infra-image alpine --infra-command "sleep 1000" > /dev/null && podman run --rm --pod pod alpine hostname; podman pod rm -f -t 0 pod > /dev/null'

as_alice sh -c 'printf "FROM alpine\nRUN id -u > /built\nCMD [\"cat\", \"/built\"]\n" > /tmp/context/Containerfile'
for isolation in rootless oci chroot; do
  case $isolation in chroot) network=host ;; *) network=none ;; esac
  check "build, isolation $isolation" 0 0 as_alice sh -c "podman build -q --no-cache --isolation $isolation --network $network -t built /tmp/context > /dev/null && podman run --rm --network none built"
done
check 'buildah' 0 ran as_alice sh -c "c=\$(buildah from --pull-never alpine) && buildah run --isolation rootless --runtime $RUNTIME --network none \$c echo ran; buildah rm \$c > /dev/null"
check 'storage by fuse-overlayfs' 0 hello as_alice sh -c 'export STORAGE_DRIVER=overlay STORAGE_OPTS=overlay.mount_program=/usr/bin/fuse-overlayfs; podman --root /var/lib/alice/fuse import /tmp/rootfs.tar alpine > /dev/null 2>&1; podman --root /var/lib/alice/fuse run --rm --network none alpine echo hello'
check 'storage by vfs' 0 hello as_alice sh -c 'podman --storage-driver vfs --root /var/lib/alice/vfs import /tmp/rootfs.tar alpine > /dev/null 2>&1; podman --storage-driver vfs --root /var/lib/alice/vfs run --rm --network none alpine echo hello'

# A cgroup of her own, as systemd delegates one.
mkdir /sys/fs/cgroup/alice /sys/fs/cgroup/alice/shell
chown 1000:1000 /sys/fs/cgroup/alice /sys/fs/cgroup/alice/cgroup.procs /sys/fs/cgroup/alice/cgroup.subtree_control /sys/fs/cgroup/alice/shell /sys/fs/cgroup/alice/shell/cgroup.procs
delegated() { sh -c 'echo 0 > /sys/fs/cgroup/alice/shell/cgroup.procs; exec "$@"' sh setpriv --reuid 1000 --regid 1000 --init-groups env -i -C /var/lib/alice PATH="$PATH" HOME=/var/lib/alice XDG_RUNTIME_DIR=/run/user/1000 "$@"; }
check 'cgroups split' 0 hello delegated podman run --rm --network none --cgroups split alpine echo hello
delegated podman run -d --name frozen --network none --cgroups split alpine sleep 1000 > /dev/null
check 'pause' 0 frozen delegated podman pause frozen
check 'unpause' 0 frozen delegated podman unpause frozen
check 'stats' 0 frozen delegated podman stats --no-stream --format '{{.Name}}' frozen
check 'rm of a running one' 0 frozen delegated podman rm -f -t 0 frozen
! $is_runt || check 'cgroups disabled' 0 hello once --cgroups disabled alpine echo hello
check 'nothing left' 0 '' p ps -aq
finish
