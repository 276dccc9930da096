# The default devices can be used by a user that is not root.
# [shows config-linux.md#default-devices/1]
# broken: config .process.user = {uid: 0, gid: 0} | .process.args[2] |= "rm /dev/full; " + .
inside '.process.user = {uid: 1000, gid: 1000} | .linux.resources.devices = [{allow: false, access: "rwm"}]' \
  'cd /dev && echo x > null && for name in zero full random urandom; do head -c 1 $name | wc -c; done; echo x 2> null > full || echo full'
expect 'bytes read, and full' '1
1
1
1
full' "$output"
