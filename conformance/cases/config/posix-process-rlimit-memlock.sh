# RLIMIT_MEMLOCK is a limit that rlimits can set.
# [shows config.md#posix-process/3 config.md#posix-process/5 config.md#posix-process/7]
# broken: config .process.rlimits[0].type = "RLIMIT_LOCKS"
inside '.process.rlimits = [{type: "RLIMIT_MEMLOCK", soft: 4096, hard: 8192}]' \
  "awk 'index(\$0, \"Max locked memory\") == 1 { sub(/^.{26}/, \"\"); print \$1, \$2 }' /proc/self/limits"
expect 'soft and hard limit' '4096 8192' "$output"
