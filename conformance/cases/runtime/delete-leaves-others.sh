# delete leaves what the container did not make: the bundle, the source of a bind mount, the process of a namespace it joined.
# [shows runtime.md#delete/4]
# broken: instead delete real; rm -f "$root/../source/file"
unshare -u sleep 100 &
holder=$!
mkdir source
echo content > source/file
eventually 'a process in another namespace' [ "$(readlink /proc/self/ns/uts)" != "$(readlink "/proc/$holder/ns/uts")" ]
configure "without(\"uts\") | .linux.namespaces += [{type: \"uts\", path: \"/proc/$holder/ns/uts\"}]
  | mount(\"/data\"; \"bind\"; \"\(\$work)/source\"; [\"bind\"])" 'cat /data/file'
must create
must start
stopped
must delete
expect 'source of the bind mount' content "$(cat source/file 2> /dev/null)"
expect 'config.json and root' yes "$([ -f "$config" ] && [ -f "$rootfs/etc/passwd" ] && echo yes)"
expect 'process of the namespace' yes "$(kill -0 "$holder" && echo yes)"
