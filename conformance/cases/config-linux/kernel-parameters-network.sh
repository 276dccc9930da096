# A kernel parameter of the network namespace is set in the container, and not outside.
# [rule config-linux.md#kernel-parameters]
# broken: config del(.linux.sysctl)
before=$(cat /proc/sys/net/ipv4/ip_forward)
inside ".linux.sysctl = {\"net.ipv4.ip_forward\": \"$((1 - before))\"}" 'cat /proc/sys/net/ipv4/ip_forward'
expect 'inside' $((1 - before)) "$output"
expect 'outside' "$before" "$(cat /proc/sys/net/ipv4/ip_forward)"
