# A proc of the container shows its processes, and not the runtime's.
# [rule config-linux.md#default-filesystems]
# broken: config .linux.namespaces |= map(select(.type != "pid"))
inside . 'ls -d /proc/[0-9]* | wc -l; cat /proc/1/comm; :'
expect_match 'number of processes, and the first' '[1-4]
sh' "$output"
