# What happens to config.json after create does not matter.
# [shows runtime.md#lifecycle/4]
# broken: instead start "$REAL" --root "$root" delete --force "$id"; "$REAL" --root "$root" create --bundle "$root/../bundle" "$id" < /dev/null > "$root/../said"; real
configure '.hostname = "before"' 'hostname; echo first'
must create
configure '.hostname = "after"' 'hostname; echo second'
must start
stopped
expect 'what the program said' 'before
first' "$(cat "$said")"
