# The mount option suid takes back an earlier nosuid.
# [shows config.md#linux-mount-options/54]
# broken: config .mounts[-1].options = ["nosuid"]
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["nosuid", "suid"])' "$(mount_line /data) | cut -d ' ' -f 6 | tr , '\n'"
expect 'how often nosuid is there' 0 "$(printf '%s\n' "$output" | grep -cx nosuid || true)"
expect_match 'options' '*r[ow]*' "$output"
