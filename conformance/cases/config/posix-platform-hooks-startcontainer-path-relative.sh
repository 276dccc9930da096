# A startContainer hook whose path is relative is an error.
# [shows config.md#posix-platform-hooks/7]
# broken: config .hooks.startContainer[0].path = "/bin/true"
configure '.hooks.startContainer = [{path: "bin/true"}]' 'echo ran'
create
[ "$status" != 0 ] || start
checks=1
[ "$status" != 0 ] || fail 'an error of create or start' "status 0"
