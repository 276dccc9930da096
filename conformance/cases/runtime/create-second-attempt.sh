# After a create that failed, the same id can be used.
# [shows runtime.md#errors/1]
# broken: instead create [ ! -e "$root/../failed" ] || exit 1; real || { : > "$root/../failed"; exit 1; }
refused '.linux.namespaces += [{type: "uts"}]'
nothing_left
configure . 'sleep 100'
must create
expect status created "$(status_of)"
