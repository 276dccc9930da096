# startContainer hooks are the container's programs, and run in its namespaces.
# [shows config.md#posix-platform-hooks/13 config.md#posix-platform-hooks/14 config.md#startcontainer-hooks/2 config.md#startcontainer-hooks/3]
# broken: config del(.hooks)
printf '#!/bin/sh\nreadlink /proc/self/ns/uts > /data/log\nreadlink /proc/self/ns/mnt >> /data/log\n' > "$rootfs/data/hook"
chmod 755 "$rootfs/data/hook"
configure '.hooks.startContainer = [{path: "/data/hook", env: ["PATH=/bin"]}]' 'readlink /proc/self/ns/uts; readlink /proc/self/ns/mnt'
must run
expect 'uts and mount namespace of the hook' "$output" "$(cat "$rootfs/data/log")"
