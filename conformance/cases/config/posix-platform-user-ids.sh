# The program runs as process.user says, and with no other group.
# [shows config.md#posix-platform-user/1 config.md#posix-platform-user/2]
# broken: config .process.user = {uid: 0, gid: 0}
inside '.process.user = {uid: 1000, gid: 1001}' 'grep -E "^(Uid|Gid|Groups):" /proc/self/status | tr "\t" " " | sed "s/ *$//"'
expect 'user and groups' 'Uid: 1000 1000 1000 1000
Gid: 1001 1001 1001 1001
Groups:' "$output"
