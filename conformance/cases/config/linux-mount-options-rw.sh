# The mount option rw takes back an earlier ro.
# [shows config.md#linux-mount-options/49]
# broken: config .mounts[-1].options = ["ro"]
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["ro", "rw"])' "$(mount_line /data) | cut -d ' ' -f 6 | tr , '\n'"
expect 'how often ro is there' 0 "$(printf '%s\n' "$output" | grep -cx ro || true)"
expect_match 'options' '*r[ow]*' "$output"
