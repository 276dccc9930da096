# hostname is the container's host name.
# [rule config.md#hostname]
# broken: config .hostname = "other"
before=$(hostname)
inside '.hostname = "of-the-case"' 'hostname'
expect 'host name inside' of-the-case "$output"
expect 'host name outside' "$before" "$(hostname)"
