import { expect, test } from 'vitest';
import { comparisonOf } from './check-cgroup-value.ts';

/** file, written, seen. */
type Row = readonly [string, string, string];

const inForce: readonly Row[] = [
  ['memory.max', 'max', 'max\n'],
  ['memory.max', '67108864', '67108864\n'],
  ['memory.max', '67108865', '67108864\n'],
  ['memory.max', '64M', '67108864\n'],
  ['memory.max', '0x4000000', '67108864\n'],
  ['memory.max', '9223372036854775807', 'max\n'],
  ['memory.max', '1000', '0\n'],
  ['memory.low', '', '0\n'],
  ['memory.high', '0100', '64\n'],
  ['hugetlb.2MB.max', '4194304', '4194304\n'],
  ['hugetlb.2MB.max', '4194305', '4194304\n'],
  ['hugetlb.1GB.rsvd.max', '1073741825', '1073741824\n'],
  ['hugetlb.2MB.max', '9223372036854775807', '9223372036852678656\n'],
  ['pids.max', '7', '7\n'],
  ['cpu.max', '50000 100000', '50000 100000\n'],
  ['cpu.max', 'max', 'max 100000\n'],
  ['cpuset.cpus', '0,1,2,3', '0-3\n'],
  ['cpuset.cpus', '3,0-1,1', '0-1,3\n'],
  ['cpuset.cpus', '', '\n'],
  ['cpuset.cpus', '0-31:2/4', '0-1,4-5\n'],
  ['cpuset.mems', '0', '0\n'],
  ['io.max', '8:0 rbps=1', '8:0 rbps=1 wbps=max riops=max wiops=max\n'],
  ['io.max', '8:0 rbps=1', '8:16 rbps=2 wbps=max riops=max wiops=max\n8:0 rbps=1 wbps=5 riops=max wiops=max\n'],
  ['io.max', '8:0 rbps=max', ''],
  ['io.max', '8:0 riops=4294967295', '8:0 rbps=1 wbps=max riops=max wiops=max\n'],
  ['rdma.max', 'mlx hca_handle=3', 'mlx hca_handle=3 hca_object=max\n'],
  ['misc.max', 'res_a 3', 'res_a 3\nres_b max\n'],
  ['io.weight', '200', 'default 200\n'],
  ['io.bfq.weight', '200', '200\n'],
  ['io.weight', '8:0 300', 'default 100\n8:0 300\n'],
  ['io.weight', '8:0 default', 'default 100\n'],
  ['cpuset.cpus.partition', 'root', 'root\n'],
];

const notInForce: readonly Row[] = [
  ['memory.max', '67108864', 'max\n'],
  ['memory.max', '67108864', '67174400\n'],
  ['memory.max', '67108864', '66977792\n'],
  ['memory.max', 'max', '67108864\n'],
  ['memory.max', '67108864', ''],
  ['hugetlb.2MB.max', '4194304', '2097152\n'],
  ['hugetlb.3XB.max', '5', '4\n'],
  ['pids.max', '7', 'max\n'],
  ['cpu.max', '50000 100000', '50000 50000\n'],
  ['cpuset.cpus', '0-1', '0\n'],
  ['cpuset.cpus', '0', '\n'],
  ['io.max', '8:0 rbps=1', ''],
  ['io.max', '8:0 rbps=1', '8:16 rbps=1 wbps=max riops=max wiops=max\n'],
  ['io.max', '8:0 rbps=max', '8:0 rbps=1 wbps=max riops=max wiops=max\n'],
  ['io.max', '8:0 rbps=4294967295', '8:0 rbps=max wbps=max riops=max wiops=max\n'],
  ['rdma.max', 'mlx hca_handle=3', 'mlx hca_handle=max hca_object=max\n'],
  ['misc.max', 'res_a 3', 'res_a max\n'],
  ['io.weight', '200', 'default 100\n'],
  ['io.weight', '8:0 300', 'default 300\n'],
  ['io.weight', '8:0 default', 'default 100\n8:0 300\n'],
  ['cpuset.cpus.partition', 'root', 'root invalid (Cpu list in cpuset.cpus not exclusive)\n'],
];

test.each(inForce)('%s: %j shown as %j is in force', (file, written, seen) => {
  expect(comparisonOf(file)?.(written, seen)).toBe(true);
});

test.each(notInForce)('%s: %j shown as %j is not', (file, written, seen) => {
  expect(comparisonOf(file)?.(written, seen)).toBe(false);
});

test.each(['memory.reclaim', 'cpu.uclamp.min', 'cgroup.pressure', 'hugetlb.2MB.current'])(
  '%s is taken at its word',
  (file) => {
    expect(comparisonOf(file)).toBeUndefined();
  },
);
