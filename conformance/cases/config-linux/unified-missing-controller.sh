# A file of unified whose controller is not there is an error.
# [shows config-linux.md#unified/3]
# broken: config del(.linux.resources)
! grep -qw pids "$cgroups/cgroup.controllers" || not_applicable "a host without the pids controller"
refused '.linux.resources.unified = {"pids.max": "43"}'
