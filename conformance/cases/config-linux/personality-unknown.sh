# A personality that does not exist is an error.
# [shows config-linux.md#personality/1 config.md#valid-values/1]
# broken: config del(.linux.personality)
refused '.linux.personality = {domain: "NO_SUCH"}'
