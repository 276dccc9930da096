# A sysfs of the container shows the devices of its network namespace.
# [rule config-linux.md#default-filesystems]
# broken: config .linux.namespaces |= map(select(.type != "network"))
ip link add cases0 type veth peer name cases1 || not_applicable 'a kernel with veth devices'
inside . 'ls /sys/class/net'
expect 'devices' lo "$output"
