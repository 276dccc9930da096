# RLIMIT_RTTIME is a limit that rlimits can set.
# [shows config.md#posix-process/3 config.md#posix-process/5 config.md#posix-process/7]
# broken: config .process.rlimits[0].type = "RLIMIT_LOCKS"
inside '.process.rlimits = [{type: "RLIMIT_RTTIME", soft: 1000, hard: 2000}]' \
  "awk 'index(\$0, \"Max realtime timeout\") == 1 { sub(/^.{26}/, \"\"); print \$1, \$2 }' /proc/self/limits"
expect 'soft and hard limit' '1000 2000' "$output"
