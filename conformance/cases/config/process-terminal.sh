# With process.terminal the program has a terminal of its own on its standard streams.
# [rule config.md#process]
# broken: config .process.terminal = false
command -v script > /dev/null || not_applicable 'the program script'
configure '.process.terminal = true' 'readlink /proc/self/fd/0; readlink /proc/self/fd/1; readlink /proc/self/fd/2; ls /dev/console'
timeout "$patience" script -qec "'$RUNTIME' --root '$root' run --bundle '$bundle' '$id'" /dev/null < /dev/null | tr -d '\r' > answer || true
expect_match 'standard streams' '*/dev/pts/[0-9]*
/dev/pts/[0-9]*
/dev/pts/[0-9]*
/dev/console' "$(cat answer)"
