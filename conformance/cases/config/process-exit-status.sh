# run ends with the program's exit status.
# [rule config.md#process]
# broken: config .process.args = ["/bin/true"]
configure . 'exit 42'
call run --bundle "$bundle" "$id"
expect 'exit status' 42 "$status"
