# start runs the program with its arguments.
# [shows runtime.md#start/3 runtime.md#lifecycle/13]
# broken: config .process.args = ["/bin/true"]
configure '.process.args = ["/bin/echo", "one", "two words", ""]'
must create
expect 'said before start' '' "$(cat "$said")"
must start
stopped
expect 'said after start' 'one two words ' "$(cat "$said")"
