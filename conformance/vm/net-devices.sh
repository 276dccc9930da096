#!/bin/sh
# Network devices: a dummy, which a build machine seldom has, moved into a container. [spec config-linux.md#network-devices]
. ./common.sh

ip() { busybox ip "$@"; }
device() {
  # With its address from birth: udev gives one to a device that has none of its own, some time later.
  command ip link add "$1" address 02:00:00:00:00:07 mtu 1400 type dummy
  ip link set "$1" up
  ip addr add 10.77.0.2/24 dev "$1"
}
there() { if [ -e "/sys/class/net/$1" ]; then echo there; else echo gone; fi; }
modprobe dummy 2>/dev/null

# inside NAME DEVICES SCRIPT EXPECTED
inside() {
  configure ".linux.cgroupsPath = \"$group/c\" | .linux.netDevices = ($2) | .process.args = [\"sh\", \"-c\", $(printf %s "$3" | jq -Rs .)]"
  run
  check "$1" "$4" "$output"
  [ -z "$error" ] || echo "    $error" | head -c 500
  check "$1: nothing left" '' "$(left)"
}

device dummy7
inside 'renamed, with MTU, address and IP address, up' '{dummy7: {name: "net0"}}' \
  'busybox ip -o addr show dev net0 | grep -o "inet [0-9./]*"; for each in ",UP" "mtu [0-9]*" "link/ether [0-9a-f:]*"; do busybox ip link show net0 | grep -o "$each"; done' \
  "$(printf 'inet 10.77.0.2/24\n,UP\nmtu 1400\nlink/ether 02:00:00:00:00:07')"
# A virtual device goes with the namespace that it is in.
gone() { [ "$(there dummy7)$(there net0)" = gonegone ]; }
until_true gone
check 'it goes with the network namespace' 0 $?

device dummy7
configure ".linux.cgroupsPath = \"$group/c\" | .linux.netDevices = {dummy7: {}, dummy8: {}}"
create
complain 'a device that is not there' /linux/netDevices/dummy8 ENODEV
check 'a device that is not there: the other stays' there "$(there dummy7)"

configure ".linux.cgroupsPath = \"$group/c\" | .linux.netDevices = {dummy7: {name: \"net%d\"}} | .hooks.createRuntime = [{path: \"/bin/false\"}]"
create
complain 'a hook fails after the move' hook
check 'a hook fails after the move: the device is back, as it was' 'inet 10.77.0.2/24 UP 1400' \
  "$(ip -o addr show dev dummy7 | grep -o 'inet [0-9./]*') $(ip link show dummy7 | grep -o '[<,]UP' | tr -d '<,') $(cat /sys/class/net/dummy7/mtu)"
ip link del dummy7
finish
