# A negative number where only others have a meaning is an error.
# [shows config.md#valid-values/1]
# broken: config .process.user.uid = 0
refused '.process.user.uid = -1'
