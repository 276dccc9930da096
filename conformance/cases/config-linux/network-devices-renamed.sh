# A network device gets the name that is asked for.
# [shows config-linux.md#network-devices/1]
# broken: config .linux.netDevices.cases0 = {}
ip link add cases0 type veth peer name cases1 || not_applicable 'a kernel with veth devices'
inside '.linux.netDevices = {"cases0": {name: "inner0"}}' 'ls /sys/class/net | grep -v lo'
expect 'devices of the container' inner0 "$output"
