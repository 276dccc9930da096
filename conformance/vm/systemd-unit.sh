#!/bin/sh
# Containers as services of systemd: a unit with Type=notify around `run`, which waits for the container's word, signals and stop by
# systemctl, sockets handed over, and the name of a scope.
# seconds: 800
. ./common.sh
. ./engine-common.sh

# systemd's own programs in the container: it is they who speak the protocol.
mkdir -p "$bundle/rootfs/usr" "$bundle/rootfs/run"
for each in lib lib64; do ln -sfn "usr/$each" "$bundle/rootfs/$each"; done
usr='{ destination: "/usr", type: "bind", source: "/usr", options: ["rbind", "ro"] }'
units=/run/systemd/system
out=$bundle/rootfs/tmp
mkdir -p $units

# service NAME TYPE SCRIPT [LINE]...: a unit vm-NAME whose container runs the script
service() {
  configure ".linux.cgroupsPath = \"$group/$1\" | .root.path = \"$bundle/rootfs\" | .mounts += [$usr] | .process.args = [\"/bin/sh\", \"-c\", \$script]
    | .process.env = [\"PATH=/bin:/usr/bin\"]" "$3"
  mkdir -p "$work/$1"
  cp "$bundle/config.json" "$work/$1/config.json"
  unit_name=$1 type=$2
  shift 3
  {
    printf '[Unit]\nDefaultDependencies=no\n[Service]\nType=%s\n' "$type"
    for line; do echo "$line"; done
    echo "ExecStart=$RUNTIME --root $root run --bundle $work/$unit_name $unit_name"
  } > "$units/vm-$unit_name.service"
  systemctl daemon-reload
}
configure() { jq --arg script "${2-}" "$1" base.json > "$bundle/config.json"; }
shown() { systemctl show --value -p "$2" "vm-$1.service"; }
# until_is EXPECTED COMMAND...: waits for it to say that, for a while; then whatever it says
until_is() {
  expected=$1
  shift
  for attempt in $(seq 100); do
    said=$("$@" 2>&1) || true
    [ "$said" != "$expected" ] || break
    sleep 0.2
  done
  echo "$said"
}

session() {
  rm -f "$out"/*
  service notify notify 'trap "echo hup >> /tmp/signals" HUP; trap "echo term >> /tmp/signals; exit 0" TERM
    while [ ! -e /tmp/go ]; do sleep 0.1; done
    systemd-notify --ready
    while :; do sleep 0.1; done' NotifyAccess=all TimeoutStartSec=120
  systemctl start --no-block vm-notify.service
  check 'the container runs' running "$(until_is running sh -c "$RUNTIME --root $root state notify | jq -r .status")"
  check 'and the unit waits for its word' activating "$(shown notify ActiveState)"
  touch "$out/go"
  check 'which makes it active' active "$(until_is active systemctl show --value -p ActiveState vm-notify.service)"
  check "the unit's main process is the runtime, which passes signals on" "$RUNTIME" "$(tr '\0' '\n' < "/proc/$(shown notify MainPID)/cmdline" | head -n 1)"
  systemctl kill --kill-whom=main --signal=HUP vm-notify.service
  check 'systemctl kill reaches it' hup "$(until_is hup cat "$out/signals")"
  timeout 100 systemctl stop vm-notify.service
  check 'systemctl stop ends it in its own way' term "$(tail -n 1 "$out/signals")"
  check 'the unit has ended well' 'inactive success' "$(shown notify ActiveState) $(shown notify Result)"
  check 'nothing is left of the container' '' "$("$RUNTIME" --root "$root" list -q)"

  service socket simple 'echo "$LISTEN_FDS $LISTEN_PID $(ls -l /proc/self/fd/3 | sed "s/.* -> //; s/:.*//")" > /tmp/sockets'
  printf '[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=/run/vm-unit.sock\n' > $units/vm-socket.socket
  ln -sf busybox "$bundle/rootfs/bin/sed"
  systemctl daemon-reload
  systemctl start vm-socket.socket
  systemctl start vm-socket.service
  check 'a socket of the unit reaches the program' '1 1 socket' "$(until_is '1 1 socket' cat "$out/sockets")"
  systemctl stop vm-socket.socket vm-socket.service 2> /dev/null

  configure '.linux.cgroupsPath = "system.slice:vm:unit" | .process.args = ["sleep", "1000"]'
  status=0
  "$RUNTIME" --root "$root" --systemd-cgroup run -d --bundle "$bundle" unit < /dev/null > "$work/stdout" 2>&1 || status=$?
  check 'a container in a scope' '0 active' "$status $(systemctl is-active vm-unit.scope)"
  systemctl stop vm-unit.scope
  check 'systemctl stop ends it' stopped "$(until_is stopped sh -c "$RUNTIME --root $root state unit | jq -r .status")"
  runtime delete unit
  check 'and it can be deleted' '0 ' "$status $error"

  rm -f $units/vm-notify.service $units/vm-socket.service $units/vm-socket.socket
  systemctl daemon-reload
}

sessions "$(systemctl --version | awk 'NR == 1 { print $2 }')"
finish
