# An rdma entry with neither hcaHandles nor hcaObjects is an error.
# [shows config-linux.md#rdma/1]
# broken: config del(.linux.resources)
refused '.linux.resources.rdma = {mlx5_1: {}}'
