#!/bin/sh
# Podman of an ordinary user with the manager that logind keeps for them: limits in the controllers that it was given,
# pause, stats and update, which need a cgroup of the user's own; a unit of Quadlet of their own.
# seconds: 1200
. ./common.sh
. ./engine-common.sh
guide_file podman /etc/containers/containers.conf
echo '{"default": [{"type": "insecureAcceptAnything"}]}' > /etc/containers/policy.json
user=1236
home=/var/lib/vm-podman
useradd --uid $user --create-home --home-dir $home vmpodman 2> /dev/null
echo 'vmpodman:500000:65536' | tee /etc/subuid > /etc/subgid
XDG_RUNTIME_DIR=/run/user/$user
as_user() {
  setpriv --reuid $user --regid $user --init-groups env -i -C $home PATH="$PATH" HOME=$home XDG_RUNTIME_DIR=$XDG_RUNTIME_DIR \
    DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus "$@"
}
loginctl enable-linger vmpodman || fail 'logind takes the user'
until_true test -S $XDG_RUNTIME_DIR/bus
until_true as_user systemctl --user is-active default.target
p() { as_user podman "$@"; }
cp "$work/rootfs.tar" $home/ && chmod 644 $home/rootfs.tar
p import $home/rootfs.tar docker.io/library/alpine:latest > /dev/null 2>&1

session() {
  check 'runtime and manager' 'runt systemd true' "$(answer p info --format '{{.Host.OCIRuntime.Name}} {{.Host.CgroupManager}} {{.Host.Security.Rootless}}')"
  check 'guide: without root' $user "$(answer p run --rm --network none --userns keep-id alpine id -u)"
  p run -d --name c --network none --memory 64m --memory-swap 64m --pids-limit 50 alpine sleep 1000 > /dev/null || fail 'run with limits'
  path=$(p inspect --format '{{.State.CgroupPath}}' c)
  check_match 'a scope of the own manager' "/user.slice/user-$user.slice/user@$user.service/user.slice/*libpod-*.scope*" "$path"
  check 'limits' '67108864,0,50' "$(values "${path%/container}" memory.max memory.swap.max pids.max)"
  check 'limits, from inside' 67108864 "$(answer p exec c cat /sys/fs/cgroup/memory.max)"
  check 'stats' c "$(answer p stats --no-stream --format '{{.Name}}' c)"
  p update --memory 32m --memory-swap 32m --pids-limit 20 c > /dev/null || fail 'update'
  check 'limits after update' '33554432,20' "$(values "${path%/container}" memory.max pids.max)"
  check 'pause' c "$(answer p pause c)"
  check 'frozen' 1 "$(values "${path%/container}" cgroup.freeze)"
  check 'unpause' c "$(answer p unpause c)"
  check 'stop' c "$(answer p stop -t 0 c)"
  check 'rm' c "$(answer p rm c)"
  p run --name o --network none --memory 16m --memory-swap 16m alpine sh -c 'dd if=/dev/zero of=/dev/null bs=64M count=1; s=$?; sleep 1; exit $s' > /dev/null 2>&1
  check 'out of memory' '137 true' "$? $(answer p inspect --format '{{.State.OOMKilled}}' o)"
  p rm o > /dev/null
  mkdir -p $home/.config/containers/systemd
  guide podman /etc/containers/systemd/hello.container > $home/.config/containers/systemd/hello.container
  chown -R $user:$user $home/.config
  as_user systemctl --user daemon-reload
  as_user systemctl --user start hello.service
  check 'quadlet' hello "$(answer p logs systemd-hello)"
  as_user systemctl --user stop hello.service
  check 'no container left' '' "$(answer p ps -aq)"
}

sessions "$(podman --version | sed 's/.* //')"
loginctl disable-linger vmpodman
loginctl terminate-user vmpodman 2> /dev/null
finish
