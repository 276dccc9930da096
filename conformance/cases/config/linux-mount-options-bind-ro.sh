# A bind mount with the option ro is read-only; its source is not.
# [shows config.md#linux-mount-options/4 config.md#linux-mount-options/38]
# broken: config .mounts[-1].options = ["bind"]
mkdir source
inside 'mount("/data"; "none"; "\($work)/source"; ["bind", "ro"])' 'touch /data/file 2> /dev/null; ls /data'
expect 'files that were made' '' "$output"
touch source/file
expect 'files of the source' file "$(ls source)"
