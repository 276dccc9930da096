# A limit of huge pages without pageSize is an error.
# [shows config-linux.md#huge-page-limits/1]
# broken: config del(.linux.resources)
refused '.linux.resources.hugepageLimits = [{limit: 0}]'
