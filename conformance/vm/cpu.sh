#!/bin/sh
# CPU: shares, quota, period, burst, idle, cpus, mems. [spec config-linux.md#cpu]
. ./common.sh

holds 'shares 1024, quota, burst' '{cpu: {shares: 1024, quota: 50000, period: 100000, burst: 20000}}' \
  cpu.weight 100 cpu.max '50000 100000' cpu.max.burst 20000
holds 'shares 2, quota without period' '{cpu: {shares: 2, quota: 30000}}' cpu.weight 1 cpu.max '30000 100000'
holds 'shares 262144, period alone' '{cpu: {shares: 262144, period: 50000}}' cpu.weight 10000 cpu.max 'max 50000'
holds 'shares 2048, no quota' '{cpu: {shares: 2048, quota: -1, period: 100000}}' cpu.weight 174 cpu.max 'max 100000'
holds 'shares 512' '{cpu: {shares: 512, quota: 0, period: 0}}' cpu.weight 59 cpu.max 'max 100000'
holds 'idle' '{cpu: {idle: 1}}' cpu.idle 1
holds 'one processor' '{cpu: {cpus: "1", mems: "0"}}' cpuset.cpus 1 cpuset.mems 0
holds 'a range of processors' '{cpu: {cpus: "0-1"}}' cpuset.cpus 0-1
holds 'a list in another form' '{cpu: {cpus: "1,0,1"}}' cpuset.cpus 0-1
$is_runt && holds 'idle with a weight' '{cpu: {idle: 1, shares: 512}}' cpu.idle 1
holds 'no processors asked for' '{cpu: {cpus: "", mems: "", shares: 2}}' cpu.weight 1

refused 'a quota of one microsecond' '{cpu: {quota: 1, period: 100000}}' /linux/resources/cpu/quota cpu.max EINVAL
refused 'a period of two seconds' '{cpu: {period: 2000000}}' /linux/resources/cpu/period cpu.max EINVAL
# [shows config-linux.md#cpu/1 config-linux.md#cpu/2]
refused 'a burst above the quota' '{cpu: {quota: 10000, burst: 20000}}' /linux/resources/cpu/burst 10000
refused 'a processor that is not there' '{cpu: {cpus: "77"}}' /linux/resources/cpu/cpus cpuset.cpus
refused 'not a list of processors' '{cpu: {cpus: "zero"}}' /linux/resources/cpu/cpus
refused 'a memory node that is not there' '{cpu: {mems: "9"}}' /linux/resources/cpu/mems
if $is_runt; then
  refused 'real time' '{cpu: {realtimeRuntime: 1000, realtimePeriod: 100000}}' /linux/resources/cpu/realtime
fi

limits '{cpu: {cpus: "1"}}' '.process.args = ["grep", "Cpus_allowed_list", "/proc/self/status"]'
run
check 'one processor, seen from inside' "$(printf 'Cpus_allowed_list:\t1')" "$output"

limits '{cpu: {quota: 10000, period: 100000}}' '.process.args = ["sh", "-c", "while :; do :; done"]'
create
created 'a busy container'
runtime start c
throttled() { value cpu.stat | grep -q '^nr_throttled [1-9]'; }
until_true throttled
check 'a busy container is throttled' 0 $?
delete
check 'a busy container: nothing left' '' "$(left)"
finish
