# RLIMIT_LOCKS is a limit that rlimits can set.
# [shows config.md#posix-process/3 config.md#posix-process/5 config.md#posix-process/7]
# broken: config .process.rlimits[0].type = "RLIMIT_CORE"
inside '.process.rlimits = [{type: "RLIMIT_LOCKS", soft: 10, hard: 20}]' \
  "awk 'index(\$0, \"Max file locks\") == 1 { sub(/^.{26}/, \"\"); print \$1, \$2 }' /proc/self/limits"
expect 'soft and hard limit' '10 20' "$output"
