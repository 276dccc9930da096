# The mount option strictatime has its effect: access times are neither relative nor left out.
# [shows config.md#linux-mount-options/53]
# broken: config .mounts[-1].options = []
inside 'mount("/data"; "tmpfs"; "tmpfs"; ["strictatime"])' "$(mount_line /data)"
case $output in *atime*) fail 'options without relatime' "$output" ;; esac
expect_match 'the mount' '*tmpfs*' "$output"
