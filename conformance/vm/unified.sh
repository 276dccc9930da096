#!/bin/sh
# unified: files of cgroup v2 by name. [spec config-linux.md#unified]
. ./common.sh

disk=$(cat /sys/block/vda/dev)

# [shows config-linux.md#unified/1 config-linux.md#unified/2]
holds 'files by name' '{unified: {"memory.high": "50331648", "pids.max": "64", "cgroup.max.descendants": "10"}}' \
  memory.high 50331648 pids.max 64 cgroup.max.descendants 10
holds 'unified overrules' '{memory: {limit: 33554432}, unified: {"memory.max": "67108864"}}' memory.max 67108864
holds 'several lines' "{unified: {\"io.max\": \"$disk rbps=1048576\n$disk wiops=7\"}}" io.max "$disk rbps=1048576 wbps=max riops=max wiops=7"
holds 'memory.oom.group' '{unified: {"memory.oom.group": "1"}}' memory.oom.group 1

# [shows config-linux.md#unified/3]
refused 'an unknown controller' '{unified: {"frob.max": "1"}}' /linux/resources/unified/frob.max frob 'not available'
refused 'an unknown file' '{unified: {"memory.frobnicate": "1"}}' /linux/resources/unified/memory.frobnicate ENOENT
refused 'a value that the kernel refuses' '{unified: {"memory.high": "lots"}}' /linux/resources/unified/memory.high memory.high EINVAL
refused 'a slash in the name' '{unified: {"../memory.max": "1"}}' /linux/resources/unified/..~1memory.max
refused 'a slash behind a name' '{unified: {"memory.max/x": "1"}}' /linux/resources/unified/memory.max~1x
refused 'no name of a controller' '{unified: {"max": "1"}}' /linux/resources/unified/max
if $is_runt; then
  refused 'a file that acts' '{unified: {"cgroup.procs": "0"}}' /linux/resources/unified/cgroup.procs
  refused 'a file that stops' '{unified: {"cgroup.freeze": "1"}}' /linux/resources/unified/cgroup.freeze
  # The kernel takes it, and says in the file that it is not in force.
  refused 'a partition that is none' '{unified: {"cpuset.cpus": "1", "cpuset.cpus.partition": "root"}}' \
    /linux/resources/unified/cpuset.cpus.partition 'root invalid'
  refused 'another file that acts' '{unified: {"cgroup.kill": "1"}}' /linux/resources/unified/cgroup.kill
fi
finish
