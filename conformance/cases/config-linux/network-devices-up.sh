# A network device is up after the move.
# [shows config-linux.md#network-devices/6]
# broken: config .process.args[2] |= "ip link set cases0 down; " + . | .process.capabilities |= map_values(. + ["CAP_NET_ADMIN"])
ip link add cases0 type veth peer name cases1 || not_applicable 'a kernel with veth devices'
inside '.linux.netDevices = {"cases0": {}}' 'cat /sys/class/net/cases0/flags'
[ $((output & 1)) = 1 ] || fail 'IFF_UP among the flags' "$output"
