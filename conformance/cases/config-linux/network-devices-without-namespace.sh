# A network device for a container that has the runtime's network namespace is an error.
# [shows config-linux.md#network-devices/2]
# broken: config del(.linux.netDevices)
ip link add cases0 type veth peer name cases1 || not_applicable 'a kernel with veth devices'
refused 'without("network") | .linux.netDevices = {"cases0": {}}'
