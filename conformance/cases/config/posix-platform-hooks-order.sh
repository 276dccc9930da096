# Hooks of one kind run one after the other, in the listed order.
# [shows config.md#posix-platform-hooks/19]
# broken: config .hooks.createRuntime |= reverse
configure 'reduce ("one", "two", "three") as $word (.; hook("createRuntime"; "echo begin \($word) >> \($work)/log; sleep 0.05; echo end \($word) >> \($work)/log"))'
must run
expect 'what the hooks did' 'begin one end one begin two end two begin three end three' "$(xargs < log)"
