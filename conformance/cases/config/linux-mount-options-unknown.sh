# An option that is none of the table goes to the file system: tmpfs takes size and mode.
# [shows config.md#linux-mount-options/72]
# broken: config .mounts[-1].options = []
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["size=64k", "mode=1711"])' "$(mount_line /data); stat -c %a /data"
expect_match 'options of the file system, mode' '*size=64k*
1711' "$output"
