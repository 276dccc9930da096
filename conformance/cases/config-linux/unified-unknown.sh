# A file of unified that the cgroup does not have is an error.
# [rule config-linux.md#unified]
# broken: config del(.linux.resources.unified)
refused '.linux.resources.unified = {"no.such.file": "1"}'
