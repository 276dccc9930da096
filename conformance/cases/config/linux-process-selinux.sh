# The program runs with process.selinuxLabel.
# [rule config.md#linux-process]
# broken: config del(.process.selinuxLabel)
label=system_u:system_r:container_t:s0:c1,c2
# The kernel says whether its policy knows the label.
(printf %s "$label" > /sys/fs/selinux/context) 2> /dev/null || not_applicable 'SELinux, with a policy that has the type container_t'
inside ".process.selinuxLabel = \"$label\"" 'cat /proc/self/attr/current'
expect_match label "$label*" "$output"
