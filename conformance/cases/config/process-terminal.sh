# With process.terminal the program has a terminal of the container's on its standard streams.
# [rule config.md#process]
# broken: config .process.terminal = false
command -v script > /dev/null || not_applicable 'the program script'
configure '.process.terminal = true' 'for fd in 0 1 2; do [ -t $fd ] && [ -c "$(readlink /proc/$$/fd/$fd)" ] && echo own; done; [ -c /dev/console ] && echo console'
timeout "$patience" script -qec "'$RUNTIME' --root '$root' run --bundle '$bundle' '$id'" /dev/null < /dev/null > answer || true
# Between the lines stands what the terminal echoes of the end of script's own input.
expect 'standard streams that are a terminal of the container' 3 "$(grep -c own answer)"
expect '/dev/console' 1 "$(grep -c console answer)"
