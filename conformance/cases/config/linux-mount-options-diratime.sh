# The mount option diratime takes back an earlier nodiratime.
# [shows config.md#linux-mount-options/7]
# broken: config .mounts[-1].options = ["nodiratime"]
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["nodiratime", "diratime"])' "$(mount_line /data) | cut -d ' ' -f 6 | tr , '\n'"
expect 'how often nodiratime is there' 0 "$(printf '%s\n' "$output" | grep -cx nodiratime || true)"
expect_match 'options' '*r[ow]*' "$output"
