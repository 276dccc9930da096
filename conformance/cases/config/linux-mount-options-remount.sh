# The mount option remount changes a mount that is there.
# [shows config.md#linux-mount-options/29]
# broken: config del(.mounts[-1])
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["rw"]) | mount("/data"; "tmpfs"; "tmpfs"; ["remount", "ro", "nosuid"])' "$(mount_line /data); grep -c ' /data ' /proc/self/mountinfo"
expect_match 'options' '* ro,*nosuid* - *
1' "$output"
