# create and delete change no mount of the runtime's namespace.
# [shows runtime.md#delete/3]
# broken: instead delete real; mount -t tmpfs tmpfs /mnt
same_mounts
configure 'mount("/data"; "tmpfs"; "tmpfs"; [])'
must create
must start
stopped
must delete
same_mounts
