# uidMappings and gidMappings are the maps of the user namespace.
# [shows config-linux.md#user-namespace-mappings/1..3]
# broken: config .linux.uidMappings[0].hostID = 100001
inside '.linux.namespaces += [{type: "user"}] | .linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}, {containerID: 1000, hostID: 200000, size: 1}] | .linux.gidMappings = [{containerID: 0, hostID: 300000, size: 2000}]' \
  'sed "s/  */ /g; s/^ //" /proc/self/uid_map /proc/self/gid_map'
expect 'uid_map and gid_map' '0 100000 1000
1000 200000 1
0 300000 2000' "$output"
