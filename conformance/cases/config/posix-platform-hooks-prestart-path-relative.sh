# A prestart hook whose path is relative is an error.
# [shows config.md#posix-platform-hooks/2]
# broken: config .hooks.prestart[0].path = "/bin/true"
configure '.hooks.prestart = [{path: "bin/true"}]' 'echo ran'
create
[ "$status" != 0 ] || start
checks=1
[ "$status" != 0 ] || fail 'an error of create or start' "status 0"
