# RLIMIT_SIGPENDING is a limit that rlimits can set.
# [shows config.md#posix-process/3 config.md#posix-process/5 config.md#posix-process/7]
# broken: config .process.rlimits[0].type = "RLIMIT_LOCKS"
inside '.process.rlimits = [{type: "RLIMIT_SIGPENDING", soft: 50, hard: 100}]' \
  "awk 'index(\$0, \"Max pending signals\") == 1 { sub(/^.{26}/, \"\"); print \$1, \$2 }' /proc/self/limits"
expect 'soft and hard limit' '50 100' "$output"
