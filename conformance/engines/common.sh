# Shared by the engines' scripts, which run inside the test image: an image made of busybox, and the counting of checks.
# Sourced, with ENGINE set. Everything is in /tmp, /run and /var/lib, which go away with the session.
# shellcheck shell=sh disable=SC2034

RUNTIME=${1:?usage: ENGINE.sh RUNTIME}
GUIDES=/run/docs
. /run/engines/guide.sh
. /run/engines/versions.sh
passed=0 failed=0
case $("$RUNTIME" --version) in *'runt version'*) is_runt=true ;; *) is_runt=false ;; esac
echo "runtime: $(version_of "$RUNTIME")"

# The image is read-only.
writable_etc() {
  cp -a /etc /tmp/etc
  mount --bind /tmp/etc /etc
}

# Puts the runtime where the guides of docs/ put it, so that their words serve as they stand. A control bears the name, too.
install_runtime() {
  mount -t tmpfs tmpfs /usr/local/bin
  install "$RUNTIME" /usr/local/bin/runt
  RUNTIME=/usr/local/bin/runt
  # Nothing may fall back to another one unseen.
  for peer in /usr/sbin/runc /usr/bin/crun; do mount --bind /dev/null $peer; done
}

# A network for the session alone: a link that a default route can go to, and a tap device for everybody.
make_uplink() {
  ip link add out0 type veth peer name out1
  ip address add 192.0.2.2/24 dev out0
  ip link set out0 up
  ip link set out1 up
  ip route add default via 192.0.2.1
  # Not the host's own file, whose mode would change for everybody.
  mkdir -p /dev/net
  mount -t tmpfs -o mode=0755 tmpfs /dev/net
  mknod -m 0666 /dev/net/tun c 10 200
}

# podman_settings [LINE]...: what Podman needs to know of a session. Root lacks CAP_SYS_RESOURCE on some machines, so that its default limits
# could not be raised to; and there is neither systemd nor a journal.
podman_settings() {
  echo '[containers]'
  for line; do echo "$line"; done
  cat << 'CONF'
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
CONF
}

# A root file system as a tar file, made here: no registry is asked.
make_rootfs_tar() {
  mkdir -p /tmp/rootfs/bin /tmp/rootfs/etc /tmp/rootfs/tmp
  chmod 1777 /tmp/rootfs/tmp
  cp /usr/bin/busybox /tmp/rootfs/bin/busybox
  for applet in sh echo sleep cat hostname id touch sed awk stat true ls ps nc ip nslookup mount kill env nproc grep test head wc; do ln -sf busybox /tmp/rootfs/bin/$applet; done
  echo root:x:0:0:root:/:/bin/sh > /tmp/rootfs/etc/passwd
  tar -C /tmp/rootfs -cf /tmp/rootfs.tar .
}

# check NAME WANTED-STATUS WANTED-OUTPUT COMMAND...
check() {
  name=$1 wanted_status=$2 wanted_output=$3
  shift 3
  status=0
  output=$("$@" 2>/tmp/check-stderr < /dev/null) || status=$?
  if [ "$status" = "$wanted_status" ] && [ "$output" = "$wanted_output" ]; then
    passed=$((passed + 1))
    echo "ok $ENGINE: $name"
  else
    failed=$((failed + 1))
    echo "not ok $ENGINE: $name: status $status, output \"$output\" instead of $wanted_status, \"$wanted_output\""
    sed 's/^/    /' /tmp/check-stderr
  fi
}

# wait_for SECONDS COMMAND...: until the command succeeds; a daemon has no other way of saying that it is ready.
wait_for() {
  tries=$(($1 * 10))
  shift
  until "$@" > /dev/null 2>&1; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.1
  done
}

finish() {
  echo "$ENGINE: $passed passed, $failed failed"
  [ $failed = 0 ]
}
