#!/bin/sh
# Block devices: weights and throttles. [spec config-linux.md#block-io]
. ./common.sh

disk=$(cat /sys/block/vda/dev)
major=${disk%:*} minor=${disk#*:}
device="major: $major, minor: $minor"

# docker sends a weight of zero, which must not ask for the io controller; crun does.
holds 'weight 0 is no weight' '{blockIO: {weight: 0}}'
mkdir "$cgroups/vm-io-probe"
echo +io > "$cgroups/cgroup.subtree_control"
modprobe bfq 2>/dev/null
if [ -e "$cgroups/vm-io-probe/io.bfq.weight" ]; then
  holds 'weight 500' '{blockIO: {weight: 500}}' io.bfq.weight 'default 500'
  # Weights of one disk are for one whose scheduler is bfq.
  if echo bfq > /sys/block/vda/queue/scheduler; then
    holds 'weight of a disk' "{blockIO: {weight: 500, weightDevice: [{$device, weight: 300}]}}" io.bfq.weight "default 500
$disk 300"
  fi
  if $is_runt; then
    echo none > /sys/block/vda/queue/scheduler
    refused 'weight of a disk without bfq' "{blockIO: {weightDevice: [{$device, weight: 300}]}}" \
      /linux/resources/blockIO/weightDevice/0/weight EOPNOTSUPP 'must be bfq'
  fi
elif [ -e "$cgroups/vm-io-probe/io.weight" ]; then
  holds 'weight 500' '{blockIO: {weight: 500}}' io.weight 'default 4950'
else
  skip 'weight 500' 'this kernel has no weights'
fi
rmdir "$cgroups/vm-io-probe"
refused 'weight 5' '{blockIO: {weight: 5}}' /linux/resources/blockIO/weight

holds 'throttles' "{blockIO: {throttleReadBpsDevice: [{$device, rate: 1048576}], throttleWriteBpsDevice: [{$device, rate: 2097152}],
  throttleReadIOPSDevice: [{$device, rate: 100}], throttleWriteIOPSDevice: [{$device, rate: 200}]}}" \
  io.max "$disk rbps=1048576 wbps=2097152 riops=100 wiops=200"
holds 'one throttle' "{blockIO: {throttleReadBpsDevice: [{$device, rate: 1048576}]}}" io.max "$disk rbps=1048576 wbps=max riops=max wiops=max"
holds 'a rate of zero is none' "{blockIO: {throttleReadBpsDevice: [{$device, rate: 0}], throttleWriteIOPSDevice: [{$device, rate: 7}]}}" \
  io.max "$disk rbps=max wbps=max riops=max wiops=7"
refused 'a disk that is not there' '{blockIO: {throttleReadBpsDevice: [{major: 250, minor: 77, rate: 1048576}]}}' \
  /linux/resources/blockIO/throttleReadBpsDevice/0 io.max ENODEV
if $is_runt; then
  refused 'leafWeight' '{blockIO: {leafWeight: 100}}' /linux/resources/blockIO/leafWeight
fi
finish
