# A container cannot have more processes than pids.limit.
# [rule config-linux.md#pids]
# broken: config .linux.resources.pids.limit = 1000
need_controller pids
configure '.linux.resources.pids = {limit: 8}' 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 5 & done 2> /dev/null; ls -d /proc/[0-9]* | wc -l'
call run --bundle "$bundle" "$id"
[ "${output:-0}" -le 9 ] || fail 'at most 8 processes, and ls' "$output"
checks=1
