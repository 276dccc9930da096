# A relative destination is one from "/", whatever the working directory is.
# [shows config.md#mounts/4]
# broken: config .mounts[-1].destination = "/tmp"
inside 'mount("data"; "tmpfs"; "tmpfs"; []) | .process.cwd = "/home"' "$(mount_line /data)"
expect_match 'the mount on /data' '* - tmpfs *' "$output"
