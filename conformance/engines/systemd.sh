#!/bin/sh
# systemd as the first process of a container: of a bundle by hand, and as Podman makes it. It boots, starts services in cgroups of its
# own, and shuts down by its stop signal, SIGRTMIN+3; and in one with all capabilities the runtime has its cgroups made by that systemd.
set -eu
ENGINE=systemd
echo "version: $(systemctl --version | sed -n '1s/systemd \([^ ]*\).*/\1/p')"
. "${0%/*}/podman-common.sh"

# The image's own root, read-only; the rest is what systemd asks of a container manager [https://systemd.io/CONTAINER_INTERFACE].
machine=/run/machine
mkdir -p $machine/rootfs
mount --bind / $machine/rootfs
all=$(capsh --decode="$(sed -n 's/^CapBnd:\t//p' /proc/self/status)" 2> /dev/null | sed 's/.*=//' | tr a-z A-Z)
few=CAP_CHOWN,CAP_DAC_OVERRIDE,CAP_FOWNER,CAP_FSETID,CAP_KILL,CAP_NET_BIND_SERVICE,CAP_SETFCAP,CAP_SETGID,CAP_SETPCAP,CAP_SETUID,CAP_SYS_CHROOT

# bundle CAPABILITIES: the configuration of the container "machine"
bundle() {
  rm -f $machine/config.json
  (cd $machine && "$RUNTIME" spec)
  jq --arg caps "$1" '
    def tmpfs(mode): {destination: ., type: "tmpfs", source: "tmpfs", options: ["rw", "nosuid", "nodev", "tmpcopyup", "mode=\(mode)"]};
    ($caps | split(",")) as $caps
    | .process.terminal = false | .process.args = ["/sbin/init", "--unit=basic.target"] | .process.env += ["container=oci"]
    | .process.capabilities = {bounding: $caps, effective: $caps, permitted: $caps}
    | .linux.namespaces += [{type: "cgroup"}] | .linux.namespaces |= unique_by(.type)
    | .linux.resources.devices = [{allow: true, access: "rwm"}]
    | .linux.maskedPaths = [] | .linux.readonlyPaths = [] | .linux.cgroupsPath = "/machine"
    | .mounts |= map(select(.type != "cgroup"))
    | .mounts += [{destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev", "rw"]}]
    | .mounts += (["/run", "/run/lock", "/var/lib", "/var/log/journal", "/root"] | map(tmpfs("755")))
    | .mounts += (["/tmp", "/var/tmp"] | map(tmpfs("1777")))
    | .mounts += [{destination: "/mnt", type: "bind", source: "/usr/local/bin", options: ["bind"]}]
  ' $machine/config.json > /tmp/config && mv /tmp/config $machine/config.json
}
inside() { "$RUNTIME" exec machine "$@"; }
# What it has booted to; degraded: a service of the image's failed, which says nothing of the runtime.
is_up() { case $(inside systemctl is-system-running 2> /dev/null) in running | degraded) ;; *) return 1 ;; esac; }
boot() { "$RUNTIME" create --bundle $machine machine && "$RUNTIME" start machine && wait_for 60 is_up && echo up; }
status_is() { [ "$("$RUNTIME" state machine | jq -r .status)" = "$1" ]; }
# 37: SIGRTMIN+3 as runc knows it
shut_down() { "$RUNTIME" kill machine 37 && wait_for 60 status_is stopped && "$RUNTIME" delete machine && echo down; }

bundle $few
check 'boots' 0 up boot
check 'is in a cgroup of its own making' 0 0::/init.scope inside grep ^0:: /proc/1/cgroup
check 'a service in its cgroup' 0 0::/system.slice/one.service inside systemd-run --quiet --wait --pipe --unit one grep ^0:: /proc/self/cgroup
check 'a scope' 0 0::/system.slice/two.scope inside systemd-run --quiet --scope --unit two grep ^0:: /proc/self/cgroup
check 'a service that fails' 7 '' inside systemd-run --quiet --wait --pipe sh -c 'exit 7'
check 'its cgroups are the container' 0 yes sh -c '"$0" ps machine | grep -q systemd-journal && echo yes' "$RUNTIME"
check 'pause and resume' 0 paused sh -c '"$0" pause machine && "$0" state machine | jq -r .status && "$0" resume machine' "$RUNTIME"
check 'runs on' 0 hello inside systemd-run --quiet --wait --pipe echo hello
check 'shuts down by SIGRTMIN+3' 0 down shut_down
check 'no cgroup is left' 0 '' find /sys/fs/cgroup -name 'machine*'
if $is_runt; then
  check 'boots again' 0 up boot
  check 'delete --force of all of it' 0 '' "$RUNTIME" delete --force machine
  check 'nothing is left of that' 0 '' find /sys/fs/cgroup -name 'machine*'
fi

# The runtime in that container, on that systemd: scopes, and systemd removes them as soon as they are empty.
bundle "$all"
check 'with all capabilities' 0 up boot
cat > /tmp/nested.sh << 'NESTED'
set -eu
mkdir -p /tmp/inner/rootfs/bin && cd /tmp/inner
cp /usr/bin/busybox rootfs/bin/sh
/mnt/runt spec
jq --arg script "$1" '.process.terminal = false | .process.args = ["sh", "-c", $script] | .linux.cgroupsPath = "system.slice:inner:c"
  | .linux.namespaces |= map(select(.type != "pid" and .type != "cgroup"))' config.json > /tmp/config && mv /tmp/config config.json
status=0
/mnt/runt --systemd-cgroup run c || status=$?
[ -z "$(/mnt/runt list -q)" ] || echo 'the container is left'
[ -z "$(systemctl list-units --all --plain --no-legend 'inner-*')" ] || echo 'the unit is left'
exit $status
NESTED
# nested SCRIPT [TIMES]
nested() {
  times=${2-1}
  while [ "$times" -gt 0 ]; do
    code=0
    inside sh -c "$(cat /tmp/nested.sh)" sh "$1" || code=$?
    times=$((times - 1))
    inside rm -rf /tmp/inner
  done
  return $code
}
check 'a container in a scope' 0 0::/system.slice/inner-c.scope nested "while read -r line; do case \$line in 0::*) echo \$line ;; esac; done < /proc/self/cgroup"
check 'its exit code' 7 '' nested 'exit 7'
check 'killed, ten times' 137 '' nested 'kill -9 $$' 10
check 'shuts down, too' 0 down shut_down

# Podman sees that systemd is to be run, and makes what it needs; "stop" sends the signal.
podman_up() { case $(podman exec boot systemctl is-system-running 2> /dev/null) in running | degraded) ;; *) return 1 ;; esac; }
podman_boot() {
  run -d --name boot --systemd=always --read-only --rootfs $machine/rootfs /sbin/init --unit=basic.target > /dev/null && wait_for 60 podman_up && echo up
}
check 'podman --systemd=always' 0 up podman_boot
check 'podman exec: a service' 0 hello podman exec boot systemd-run --quiet --wait --pipe echo hello
check 'podman stop' 0 boot podman stop --time 60 boot
check 'it shut down, and was not killed' 0 0 podman inspect --format '{{.State.ExitCode}}' boot
finish
