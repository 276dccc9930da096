# A kernel parameter of the ipc namespace is set in the container.
# [rule config-linux.md#kernel-parameters]
# broken: config del(.linux.sysctl)
inside '.linux.sysctl = {"kernel.msgmax": "4321"}' 'cat /proc/sys/kernel/msgmax'
expect 'kernel.msgmax' 4321 "$output"
