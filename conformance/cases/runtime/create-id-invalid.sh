# create with an id that could be a path is an error, and makes nothing outside of the runtime's own directory.
# [shows runtime.md#create/2]
# broken: instead create true
configure '.linux.cgroupsPath = "/cases/" + ($id | gsub("/"; "-"))' 'sleep 100'
id=../escaped
must_fail create
expect 'files of that name' '' "$(find "$work" -name escaped)"
