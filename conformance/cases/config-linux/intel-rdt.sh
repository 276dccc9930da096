# The program is in the class of service of intelRdt.
# [rule config-linux.md#intelrdt]
# broken: config del(.linux.intelRdt)
grep -q ' - resctrl ' /proc/self/mountinfo || not_applicable 'a mounted resctrl file system, so a processor with Intel RDT or AMD QoS'
resctrl=$(awk '/ - resctrl / { print $5; exit }' /proc/self/mountinfo)
configure '.linux.intelRdt = {closID: $id, schemata: []}' 'sleep 100'
must create
expect 'tasks of the class' "$(pid_of)" "$(cat "$resctrl/$id/tasks")"
