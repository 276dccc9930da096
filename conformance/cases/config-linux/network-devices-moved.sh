# A network device is moved into the container's network namespace.
# [shows config-linux.md#network-devices/1]
# broken: config del(.linux.netDevices)
ip link add cases0 type veth peer name cases1 || not_applicable 'a kernel with veth devices'
inside '.linux.netDevices = {"cases0": {}}' 'ls /sys/class/net | grep cases'
expect 'devices of the container' cases0 "$output"
