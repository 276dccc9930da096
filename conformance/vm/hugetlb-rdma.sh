#!/bin/sh
# Huge pages and RDMA. [spec config-linux.md#huge-page-limits] [spec config-linux.md#rdma]
. ./common.sh

holds 'huge pages' '{hugepageLimits: [{pageSize: "2MB", limit: 4194304}]}' hugetlb.2MB.max 4194304 hugetlb.2MB.rsvd.max 4194304
holds 'huge pages, none' '{hugepageLimits: [{pageSize: "2MB", limit: 0}]}' hugetlb.2MB.max 0
holds 'huge pages, rounded down' '{hugepageLimits: [{pageSize: "2MB", limit: 4194305}]}' hugetlb.2MB.max 4194304
refused 'huge pages of a size that is not there' '{hugepageLimits: [{pageSize: "3MB", limit: 4194304}]}' \
  /linux/resources/hugepageLimits/0 hugetlb.3MB.max

rdma='{rdma: {mlx5_0: {hcaHandles: 3, hcaObjects: 10000}}}'
if [ -e /sys/class/infiniband/mlx5_0 ]; then
  holds 'rdma' "$rdma" rdma.max 'mlx5_0 hca_handle=3 hca_object=10000'
else
  # crun knows no rdma.
  refused 'rdma of a device that is not there' "$rdma" /linux/resources/rdma/mlx5_0 rdma.max
fi
finish
