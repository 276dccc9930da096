# The program has standard input, output and error, and no other descriptor of the runtime or of its caller.
# [rule runtime-linux.md#file-descriptors]
# broken: config .process.args[2] |= "exec 9< /etc/passwd; " + .
configure . 'fd=0; while [ $fd -lt 100 ]; do [ ! -e /proc/$$/fd/$fd ] || echo $fd; fd=$((fd + 1)); done'
exec 8< "$config"
must run
expect 'descriptors' '0 1 2' "$(echo "$output" | xargs)"
