# additionalGids are the program's supplementary groups.
# [rule config.md#posix-platform-user]
# broken: config .process.user.additionalGids = [5]
inside '.process.user = {uid: 1000, gid: 1000, additionalGids: [5, 7]}' 'grep "^Groups:" /proc/self/status | tr -d "\t" | sed "s/ *$//"'
expect groups 'Groups:5 7' "$output"
