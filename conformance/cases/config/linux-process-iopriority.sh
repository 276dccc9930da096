# The class and the priority of ioPriority are the program's.
# [rule config.md#linux-process]
# broken: config del(.process.ioPriority)
inside '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}' 'ionice -p $$'
expect 'class and priority' 'best-effort: prio 6' "$output"
