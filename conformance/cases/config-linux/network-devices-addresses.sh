# A network device keeps its permanent global addresses, of both families.
# [shows config-linux.md#network-devices/5]
# broken: config del(.linux.netDevices) | .process.args[2] |= "exit 0"
ip link add cases0 type veth peer name cases1 || not_applicable 'a kernel with veth devices'
ip address add 192.0.2.7/24 dev cases0
ip address add 2001:db8::7/64 dev cases0 nodad
inside '.linux.netDevices = {"cases0": {}}' 'ip address show dev cases0 | sed -n "s/ *inet6* \([^ ]*\) .*scope global.*/\1/p"'
expect 'addresses in the container' '192.0.2.7/24
2001:db8::7/64' "$output"
