# timeOffsets are the offsets of the new time namespace.
# [rule config-linux.md#offset-for-time-namespace]
# broken: config .linux.timeOffsets.monotonic.secs = 1
need_namespace time
inside '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {monotonic: {secs: 1000, nanosecs: 5}, boottime: {secs: 2000}}' \
  'sed "s/  */ /g" /proc/self/timens_offsets'
expect offsets 'monotonic 1000 5
boottime 2000 0' "$(printf '%s' "$output" | tr '\t' ' ' | tr -s ' ')"
