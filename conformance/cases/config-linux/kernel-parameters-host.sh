# A kernel parameter that has no namespace is an error: it would be the host's.
# [rule config-linux.md#kernel-parameters]
# broken: config del(.linux.sysctl)
before=$(cat /proc/sys/kernel/printk_delay)
refused ".linux.sysctl = {\"kernel.printk_delay\": \"$before\"}"
