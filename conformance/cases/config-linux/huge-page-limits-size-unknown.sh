# A limit for a size of huge pages that the host does not have is an error.
# [shows config.md#valid-values/1 config-linux.md#huge-page-limits/1]
# broken: config del(.linux.resources)
refused '.linux.resources.hugepageLimits = [{pageSize: "3MB", limit: 0}]'
