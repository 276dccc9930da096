# A program that needs more memory than its limit is ended.
# [rule config-linux.md#memory]
# broken: config del(.linux.resources.memory)
need_controller memory
configure '.linux.resources.memory = {limit: 33554432, swap: 33554432}' 'head -c 100000000 /dev/zero | tail > /dev/null; echo $?'
call run --bundle "$bundle" "$id"
[ "$output" != 0 ] || fail 'another status of tail than 0' "$output"
checks=1
