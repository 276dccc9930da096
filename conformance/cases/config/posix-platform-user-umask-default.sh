# Without user.umask the umask is 0022, whatever the runtime's is, or the runtime's.
# [rule config.md#posix-platform-user]
# broken: config .process.user.umask = 7
umask 027
inside . 'umask'
case $output in 0022 | 0027) checks=1 ;; *) fail 'umask 0022 or 0027' "$output" ;; esac
