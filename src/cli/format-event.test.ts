import { expect, test } from 'vitest';
import { type CgroupStats, NO_LIMIT } from '../cgroup/cgroup-stats.ts';
import type { ResctrlStats } from '../resctrl/resctrl-stats.ts';
import { formatEvent } from './format-event.ts';

const line = { avg10: 0, avg60: 0, avg300: 0, total: 0 };
const nothing: CgroupStats = {
  cpu: { total: 0, user: 0, system: 0, periods: 0, throttledPeriods: 0, throttledTime: 0, pressure: undefined },
  memory: {
    memory: { usage: 0, limit: 0, peak: 0 },
    memoryAndSwap: { usage: 0, limit: 0, peak: 0 },
    raw: [],
    pressure: undefined,
  },
  pids: { current: 0, limit: 0 },
  io: { bytes: [], operations: [], pressure: undefined },
  hugePages: [],
};
const v1 =
  '"cpuset":{"cpu_exclusive":0,"mem_hardwall":0,"mem_exclusive":0,"memory_migrate":0,"memory_spread_page":0,' +
  '"memory_spread_slab":0,"memory_pressure":0,"sched_load_balance":0,"sched_relax_domain_level":0}';

test('an OOM kill has no data', () => {
  expect(formatEvent({ type: 'oom', id: 'web', stats: undefined })).toBe('{"type":"oom","id":"web"}\n');
});

test('zeros are left out where runc leaves them out, and printed where it prints them', () => {
  expect(formatEvent({ type: 'stats', id: 'web', stats: nothing })).toBe(
    `{"type":"stats","id":"web","data":{"cpu":{},${v1},"memory":{},"pids":{},"blkio":{},"hugetlb":{},"intel_rdt":{},"network_interfaces":null}}\n`,
  );
});

test('everything, in runc’s order and names', () => {
  const stats: CgroupStats = {
    cpu: {
      total: 3000,
      user: 1000,
      system: 0,
      periods: 2,
      throttledPeriods: 0,
      throttledTime: 18014398509481985000n,
      pressure: { some: { avg10: 0.5, avg60: 1.25, avg300: 100, total: 7 }, full: line },
    },
    memory: {
      memory: { usage: 4096, limit: NO_LIMIT, peak: 8192 },
      memoryAndSwap: { usage: 4097, limit: NO_LIMIT, peak: 0 },
      raw: [
        ['file', 12],
        ['anon', 34],
      ],
      pressure: { some: line, full: line },
    },
    pids: { current: 1, limit: 10 },
    io: {
      bytes: [{ major: 8, minor: 0, operation: 'Read', value: 512 }],
      operations: [{ major: 0, minor: 45, operation: 'Write', value: 0 }],
      pressure: undefined,
    },
    hugePages: [{ size: '2MB', usage: 0, failures: 0 }],
  };
  expect(formatEvent({ type: 'stats', id: 'web', stats })).toBe(
    '{"type":"stats","id":"web","data":{"cpu":{"usage":{"total":3000,"kernel":0,"user":1000},' +
      '"throttling":{"periods":2,"throttledTime":18014398509481985000},' +
      '"psi":{"some":{"avg10":0.5,"avg60":1.25,"avg300":100,"total":7}}},' +
      `${v1},"memory":{"cache":12,"usage":{"limit":18446744073709551615,"usage":4096,"max":8192,"failcnt":0},` +
      '"swap":{"limit":18446744073709551615,"usage":4097,"failcnt":0},"raw":{"anon":34,"file":12},"psi":{}},' +
      '"pids":{"current":1,"limit":10},"blkio":{"ioServiceBytesRecursive":[{"major":8,"op":"Read","value":512}],' +
      '"ioServicedRecursive":[{"minor":45,"op":"Write"}]},"hugetlb":{"2MB":{"failcnt":0}},"intel_rdt":{},"network_interfaces":null}}\n',
  );
});

test('intel_rdt: what there is of it, in runc’s names', () => {
  const rdt = (resctrl: ResctrlStats): string | undefined =>
    formatEvent({ type: 'stats', id: 'web', stats: nothing, resctrl }).match(/"intel_rdt":(.*),"network/)?.[1];
  const none = { cache: undefined, bandwidth: undefined, memoryTraffic: undefined, cacheOccupancy: undefined };
  expect(rdt(none)).toBe('{}');
  expect(
    rdt({
      cache: { mask: '7ff', minimumBits: 1, classes: 16, rootSchema: 'L3:0=7ff', schema: 'L3:0=f' },
      bandwidth: { granularity: 10, linear: 1, minimum: 10, classes: 8, rootSchema: 'MB:0=100', schema: 'MB:0=20' },
      memoryTraffic: [{ total: 18014398509481985000n, local: 0 }],
      cacheOccupancy: [0, 4096],
    }),
  ).toBe(
    '{"l3_cache_info":{"cbm_mask":"7ff","min_cbm_bits":1,"num_closids":16},"l3_cache_schema_root":"L3:0=7ff","l3_cache_schema":"L3:0=f",' +
      '"mem_bw_info":{"bandwidth_gran":10,"delay_linear":1,"min_bandwidth":10,"num_closids":8},"mem_bw_schema_root":"MB:0=100",' +
      '"mem_bw_schema":"MB:0=20","mbm_stats":[{"mbm_total_bytes":18014398509481985000,"mbm_local_bytes":0}],' +
      '"cmt_stats":[{"llc_occupancy":0},{"llc_occupancy":4096}]}',
  );
  const zeros = { granularity: 0, linear: 0, minimum: 0, classes: 0, rootSchema: '', schema: '' };
  expect(rdt({ ...none, bandwidth: zeros, memoryTraffic: [], cacheOccupancy: [] })).toBe(
    '{"mem_bw_info":{},"mbm_stats":null,"cmt_stats":null}',
  );
});
