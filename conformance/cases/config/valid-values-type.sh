# A property of a wrong type is an error.
# [shows config.md#valid-values/1]
# broken: config .hostname = "seven"
refused '.hostname = 7'
