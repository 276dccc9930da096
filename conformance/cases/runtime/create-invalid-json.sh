# create with a config.json that is not JSON is an error.
# [rule runtime.md#create]
# broken: instead create true
echo '{ "ociVersion": "1.3.0", ' > "$config"
must_fail create
nothing_left
