#!/bin/sh
# Podman with cgroups by systemd, its default there: limits as they arrive and what they do, update, health checks by timers,
# a privileged container, a unit of Quadlet.
# seconds: 1200
. ./common.sh
. ./engine-common.sh
guide_file podman /etc/containers/containers.conf
echo '{"default": [{"type": "insecureAcceptAnything"}]}' > /etc/containers/policy.json
podman import "$work/rootfs.tar" docker.io/library/alpine:latest > /dev/null 2>&1
once() { podman run --rm --network none "$@"; }

session() {
  guide_file podman /etc/containers/systemd/hello.container
  check 'guide: the default' 'runt /usr/local/bin/runt' "$(answer podman info --format '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}')"
  check 'default limit of processes' 2048 "$(answer once alpine cat /sys/fs/cgroup/pids.max)"
  podman run -d --name c --network none --memory 64m --memory-swap 64m --memory-reservation 32m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 0 --pids-limit 50 \
    alpine sleep 1000 > /dev/null || fail 'run with limits'
  path=$(podman inspect --format '{{.State.CgroupPath}}' c)
  check_match 'a scope of systemd' '/machine.slice/libpod-*.scope*' "$path"
  files='memory.max memory.swap.max memory.low cpu.max cpuset.cpus pids.max'
  # shellcheck disable=SC2086
  check 'limits' '67108864,0,33554432,50000 100000,0,50' "$(values "${path%/container}" $files)"
  check 'limits, from inside' '67108864' "$(answer podman exec c cat /sys/fs/cgroup/memory.max)"
  check_match 'too many processes' '*fork*' "$(podman exec c sh -c 'for i in $(seq 60); do sleep 5 & done' 2>&1)"
  check 'stats' 'c 67.11MB' "$(answer podman stats --no-stream --format '{{.Name}} {{.MemUsage}}' c | sed 's, .* / , ,')"
  podman update --memory 32m --memory-swap 32m --cpus 0.25 --pids-limit 20 c > /dev/null || fail 'update'
  check 'limits after update' '33554432,25000 100000,20' "$(values "${path%/container}" memory.max cpu.max pids.max)"
  check 'pause' 'c' "$(answer podman pause c)"
  check 'frozen' 1 "$(values "${path%/container}" cgroup.freeze)"
  check 'unpause' 'c' "$(answer podman unpause c)"
  check 'rm' 'c' "$(answer podman rm -f -t 0 c)"
  check 'a limit by name' 1000000 "$(answer once --cgroup-conf memory.high=1003520 alpine cat /sys/fs/cgroup/memory.high | sed 's/1003520/1000000/')"
  # Its first process stays a while, or its cgroup is gone before conmon has read what happened in it.
  podman run --name o --network none --memory 16m --memory-swap 16m alpine sh -c 'dd if=/dev/zero of=/dev/null bs=64M count=1; s=$?; sleep 1; exit $s' > /dev/null 2>&1
  check 'out of memory' '137 true' "$? $(answer podman inspect --format '{{.State.OOMKilled}}' o)"
  podman rm o > /dev/null
  check 'privileged' 'same yes' "$(answer once --privileged alpine sh -c '[ "$(grep CapEff /proc/self/status | sed "s/.*://")" = "$(grep CapBnd /proc/1/status | sed "s/.*://")" ] && echo same $([ -e /dev/vda ] && echo yes)')"
  check 'privileged: as many capabilities as the host has' "$(sed -n 's/CapBnd:.//p' /proc/self/status)" "$(answer once --privileged alpine sed -n 's/CapEff:.//p' /proc/self/status)"
  check 'cgroups split, in a service' hello "$(answer systemd-run --quiet --wait --pipe -p Delegate=yes podman run --rm --network none --cgroups split alpine echo hello)"
  podman run -d --name h --network none --health-cmd 'echo fine' --health-interval 2s alpine sleep 1000 > /dev/null
  healthy() { [ "$(podman inspect --format '{{.State.Health.Status}}' h)" = healthy ]; }
  until_true healthy
  check 'healthcheck' healthy "$(answer podman inspect --format '{{.State.Health.Status}}' h)"
  podman rm -f -t 0 h > /dev/null

  guide podman quadlet > "$work/steps"
  check 'guide: quadlet' hello "$(answer sh -e "$work/steps")"
  check 'its unit' active "$(systemctl is-active hello.service)"
  check 'its limit' 67108864 "$(answer podman exec systemd-hello cat /sys/fs/cgroup/memory.max)"
  systemctl stop hello.service
  check 'its end' inactive "$(systemctl is-active hello.service)"
  rm /etc/containers/systemd/hello.container
  systemctl daemon-reload
  check 'no container left' '' "$(answer podman ps -aq)"
  check 'no scope left' '' "$(systemctl list-units --plain --no-legend 'libpod-*.scope')"
}

sessions "$(podman --version | sed 's/.* //')"
finish
