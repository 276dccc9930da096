# process.cwd is the working directory of the program.
# [shows config.md#process/5]
# broken: config .process.cwd = "/"
inside '.process.cwd = "/home"' 'pwd; readlink /proc/self/cwd'
expect 'working directory' '/home
/home' "$output"
