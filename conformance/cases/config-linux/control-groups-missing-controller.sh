# A limit whose controller the host does not have is an error: it would not be there.
# [rule config-linux.md#control-groups]
# broken: config del(.linux.resources)
! grep -qw memory "$cgroups/cgroup.controllers" || not_applicable 'a host without the memory controller'
refused '.linux.resources.memory = {limit: 67108864}'
