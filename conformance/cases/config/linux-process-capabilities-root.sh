# Root has the capabilities of the effective and permitted sets, and no others.
# [rule config.md#linux-process]
# broken: config .process.capabilities |= map_values(. + ["CAP_FOWNER"])
inside '.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL"], permitted: ["CAP_CHOWN", "CAP_KILL"], effective: ["CAP_CHOWN", "CAP_KILL"]}' \
  'grep -E "CapEff|CapPrm" /proc/self/status'
expect 'CapPrm and CapEff (CAP_CHOWN, CAP_KILL)' '0000000000000021 0000000000000021' "$(echo "$output" | cut -f 2 | xargs)"
