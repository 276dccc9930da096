# The state names the bundle by its absolute path, also when create was given a relative one.
# [shows runtime.md#state/7]
# broken: instead state real | jq '.bundle = "bundle"'
configure
cd "$work"
status=0
"$RUNTIME" --root "$root" create --bundle bundle "$id" < /dev/null > /dev/null 2> errors || status=$?
expect 'status of create' 0 "$status"
must state
expect bundle "$bundle" "$(echo "$output" | jq -r .bundle)"
