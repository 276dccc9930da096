# Without execCPUAffinity the program has the CPU affinity that the runtime had.
# [shows config.md#linux-process/8]
# broken: instead run taskset -p -c 0-1023 $$ > /dev/null; real
[ "$(nproc)" -gt 1 ] || not_applicable 'two processors'
read -r self _ < /proc/self/stat
taskset -p -c 0 "$self" > /dev/null
inside . 'grep Cpus_allowed_list /proc/self/status'
expect_match 'allowed processors' '*	0' "$output"
