# The mount option atime takes back an earlier noatime.
# [shows config.md#linux-mount-options/3]
# broken: config .mounts[-1].options = ["noatime"]
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["noatime", "atime"])' "$(mount_line /data) | cut -d ' ' -f 6 | tr , '\n'"
expect 'how often noatime is there' 0 "$(printf '%s\n' "$output" | grep -cx noatime || true)"
expect_match 'options' '*r[ow]*' "$output"
