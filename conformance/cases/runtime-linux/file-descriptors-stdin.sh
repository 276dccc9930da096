# The program reads from the standard input that the runtime was given.
# [rule runtime-linux.md#file-descriptors]
# broken: config .process.args = ["/bin/true"]
configure . 'read -r line; echo "read $line"'
echo words | "$RUNTIME" --root "$root" run --bundle "$bundle" "$id" > answer 2> errors || fail 'run succeeds' "$(cat errors)"
expect output 'read words' "$(cat answer)"
