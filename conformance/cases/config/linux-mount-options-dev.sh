# The mount option dev takes back an earlier nodev.
# [shows config.md#linux-mount-options/6]
# broken: config .mounts[-1].options = ["nodev"]
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["nodev", "dev"])' "$(mount_line /data) | cut -d ' ' -f 6 | tr , '\n'"
expect 'how often nodev is there' 0 "$(printf '%s\n' "$output" | grep -cx nodev || true)"
expect_match 'options' '*r[ow]*' "$output"
