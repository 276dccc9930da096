# A name with %d gets a number that is free.
# [shows config-linux.md#network-devices/4]
# broken: config .linux.netDevices.cases0.name = "other"
ip link add cases0 type veth peer name cases1 || not_applicable 'a kernel with veth devices'
inside '.linux.netDevices = {"cases0": {name: "inner%d"}}' 'ls /sys/class/net | grep -v lo'
expect_match 'devices of the container' 'inner[0-9]' "$output"
