# The program has standard input, output and error, and no other descriptor of the runtime or of its caller.
# [rule runtime-linux.md#file-descriptors]
# broken: config .process.args[2] |= "exec 9< /etc/passwd; " + .
configure . 'cd /proc/self/fd; ls -l | sed -n "s/.* \([0-9]*\) -> \(.*\)/\1 \2/p"; :'
status=0
exec 8< "$config"
call run --bundle "$bundle" "$id"
expect 'status of run' 0 "$status"
expect 'descriptors above 2 that are no directory of procfs' '' "$(printf '%s\n' "$output" | awk '$1 > 2 && $2 !~ /^\/proc\//')"
expect_match 'standard streams' '0 *
1 *
2 *' "$output"
