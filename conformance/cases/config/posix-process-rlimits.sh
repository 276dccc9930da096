# Each entry of rlimits sets the soft and the hard limit that it says.
# [shows config.md#posix-process/3 config.md#posix-process/5 config.md#posix-process/7]
# broken: config .process.rlimits[0].soft = 101
inside '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}, {type: "RLIMIT_CORE", soft: 0, hard: 4096}]' \
  'cat /proc/self/limits'
limit() { printf '%s\n' "$output" | awk -v name="$1" 'index($0, name) == 1 { print $(NF - 2), $(NF - 1) }'; }
expect 'open files' '100 200' "$(limit 'Max open files')"
expect 'core files' '0 4096' "$(limit 'Max core file size')"
