# A capability that the runtime itself does not have is no error: the others are granted.
# [shows config.md#linux-process/1 config.md#linux-process/2]
# broken: config .process.capabilities |= map_values(["CAP_CHOWN"])
command -v capsh > /dev/null || command -v setpriv > /dev/null || not_applicable 'setpriv'
configure '.process.capabilities |= map_values(["CAP_KILL", "CAP_SYS_TIME"])' 'grep CapEff /proc/self/status'
status=0
timeout "$patience" setpriv --bounding-set -sys_time --inh-caps -sys_time "$RUNTIME" --root "$root" run --bundle "$bundle" "$id" < /dev/null > answer 2> errors || status=$?
expect 'status of run' 0 "$status"
expect_match 'CapEff (CAP_KILL)' '*0000000000000020' "$(cat answer)"
