# A network device that was moved is not in the runtime's namespace any more.
# [shows config-linux.md#network-devices/1]
# broken: config del(.linux.netDevices)
ip link add cases0 type veth peer name cases1 || not_applicable 'a kernel with veth devices'
configure '.linux.netDevices = {"cases0": {}}' 'sleep 100'
must create
expect 'devices of the runtime namespace' cases1 "$(ip -o link | sed -n "s/^[0-9]*: \(cases[0-9]*\).*/\1/p")"
