# A name that a device in the container's network namespace has already is an error.
# [shows config-linux.md#network-devices/3]
# broken: config del(.linux.netDevices)
ip link add cases0 type veth peer name cases1 || not_applicable 'a kernel with veth devices'
refused '.linux.netDevices = {"cases0": {name: "lo"}}'
expect 'the device' cases0 "$(ip -o link show cases0 | sed -n 's/^[0-9]*: \(cases0\).*/\1/p')"
