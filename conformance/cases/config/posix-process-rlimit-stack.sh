# RLIMIT_STACK is a limit that rlimits can set.
# [shows config.md#posix-process/3 config.md#posix-process/5 config.md#posix-process/7]
# broken: config .process.rlimits[0].type = "RLIMIT_LOCKS"
inside '.process.rlimits = [{type: "RLIMIT_STACK", soft: 4194304, hard: 8388608}]' \
  "awk 'index(\$0, \"Max stack size\") == 1 { sub(/^.{26}/, \"\"); print \$1, \$2 }' /proc/self/limits"
expect 'soft and hard limit' '4194304 8388608' "$output"
