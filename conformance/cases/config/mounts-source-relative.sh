# A relative source of a bind mount is one from the bundle.
# [rule config.md#mounts]
# broken: config .mounts[-1].source = "rootfs"
mkdir "$bundle/source"
echo content > "$bundle/source/file"
inside 'mount("/data"; "bind"; "source"; ["bind"])' 'cat /data/file'
expect 'content' content "$output"
