# The mount option exec takes back an earlier noexec.
# [shows config.md#linux-mount-options/9]
# broken: config .mounts[-1].options = ["noexec"]
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["noexec", "exec"])' "$(mount_line /data) | cut -d ' ' -f 6 | tr , '\n'"
expect 'how often noexec is there' 0 "$(printf '%s\n' "$output" | grep -cx noexec || true)"
expect_match 'options' '*r[ow]*' "$output"
