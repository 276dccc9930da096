# hugepageLimits are the limits of the cgroup.
# [rule config-linux.md#huge-page-limits]
# broken: config del(.linux.resources.hugepageLimits)
need_controller hugetlb
[ -d /sys/kernel/mm/hugepages/hugepages-2048kB ] || not_applicable "huge pages of 2 MB"
configure '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]' 'exec sleep 100'
must create
expect 'hugetlb.2MB.max' '4194304' "$(cat "$cgroups$cgroup/hugetlb.2MB.max")"
