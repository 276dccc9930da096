# RLIMIT_FSIZE is a limit that rlimits can set.
# [shows config.md#posix-process/3 config.md#posix-process/5 config.md#posix-process/7]
# broken: config .process.rlimits[0].type = "RLIMIT_LOCKS"
inside '.process.rlimits = [{type: "RLIMIT_FSIZE", soft: 1048576, hard: 2097152}]' \
  "awk 'index(\$0, \"Max file size\") == 1 { sub(/^.{26}/, \"\"); print \$1, \$2 }' /proc/self/limits"
expect 'soft and hard limit' '1048576 2097152' "$output"
