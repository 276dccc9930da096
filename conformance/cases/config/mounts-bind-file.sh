# A file can be bound onto a file that is not there.
# [rule config.md#mounts]
# broken: config del(.mounts[-1])
echo content > source
inside 'mount("/etc/new"; "bind"; "\($work)/source"; ["bind"])' 'cat /etc/new'
expect 'content' content "$output"
