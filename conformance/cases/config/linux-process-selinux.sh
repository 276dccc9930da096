# The program runs with process.selinuxLabel.
# [rule config.md#linux-process]
# broken: config del(.process.selinuxLabel)
[ -d /sys/fs/selinux ] || not_applicable 'SELinux'
label=$(tr -d '\0' < /proc/self/attr/current)
inside ".process.selinuxLabel = \"$label\"" 'cat /proc/self/attr/current'
expect_match label "$label*" "$output"
