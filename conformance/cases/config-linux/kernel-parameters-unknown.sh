# A kernel parameter that does not exist is an error.
# [rule config-linux.md#kernel-parameters]
# broken: config del(.linux.sysctl)
refused '.linux.sysctl = {"net.ipv4.no_such_parameter": "1"}'
