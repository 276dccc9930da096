/**
 * events: one JSON object in a line, byte for byte in runc's shape (types/events.go there), which engines decode: which zeros
 * are left out and which are printed, and the tables of cgroup v1 that v2 never fills. Pure.
 */
import { formatJson, type Json } from '../base/format-json.ts';
import type {
  CgroupStats,
  CpuStats,
  HugePageStats,
  IoCount,
  IoStats,
  MemoryStats,
  MemoryUse,
  Pressure,
  PressureStats,
} from '../cgroup/cgroup-stats.ts';
import type { Integer64 } from '../kernel/kernel.ts';
import type { ContainerEvent } from '../lifecycle/watch-container.ts';
import type { ResctrlStats } from '../resctrl/resctrl-stats.ts';

export function formatEvent({ type, id, stats, resctrl }: ContainerEvent): string {
  return `${formatJson({ type, id, data: stats === undefined ? undefined : statsJson(stats, resctrl) })}\n`;
}

function statsJson(stats: CgroupStats, resctrl: ResctrlStats | undefined): Json {
  return {
    cpu: cpuJson(stats.cpu),
    cpuset: cpusetOfV1,
    memory: memoryJson(stats.memory),
    pids: { current: unlessZero(stats.pids.current), limit: unlessZero(stats.pids.limit) },
    blkio: ioJson(stats.io),
    hugetlb: hugePagesJson(stats.hugePages),
    intel_rdt: resctrl === undefined ? {} : resctrlJson(resctrl),
    network_interfaces: null,
  };
}

/** cgroup v2 has none of these numbers. */
const cpusetOfV1: Json = Object.freeze({
  cpu_exclusive: 0,
  mem_hardwall: 0,
  mem_exclusive: 0,
  memory_migrate: 0,
  memory_spread_page: 0,
  memory_spread_slab: 0,
  memory_pressure: 0,
  sched_load_balance: 0,
  sched_relax_domain_level: 0,
});

function cpuJson(cpu: CpuStats): Json {
  const usage = { total: unlessZero(cpu.total), kernel: cpu.system, user: cpu.user };
  const throttling = {
    periods: unlessZero(cpu.periods),
    throttledPeriods: unlessZero(cpu.throttledPeriods),
    throttledTime: unlessZero(cpu.throttledTime),
  };
  return {
    usage: [cpu.total, cpu.system, cpu.user].every(isZero) ? undefined : usage,
    throttling: Object.values(throttling).every((value) => value === undefined) ? undefined : throttling,
    psi: pressureJson(cpu.pressure),
  };
}

function memoryJson({ memory, memoryAndSwap, raw, pressure }: MemoryStats): Json {
  const cache = raw.find(([name]) => name === 'file')?.[1] ?? 0;
  const sorted = [...raw].sort(([left], [right]) => (left < right ? -1 : 1));
  return {
    cache: unlessZero(cache),
    usage: memoryUseJson(memory),
    swap: memoryUseJson(memoryAndSwap),
    raw: sorted.length === 0 ? undefined : Object.fromEntries(sorted),
    psi: pressureJson(pressure),
  };
}

/** failcnt is v1's; how often a limit was met is in memory.events. */
function memoryUseJson({ usage, limit, peak }: MemoryUse): Json {
  if ([usage, limit, peak].every(isZero)) return undefined;
  return { limit, usage: unlessZero(usage), max: unlessZero(peak), failcnt: 0 };
}

function ioJson({ bytes, operations, pressure }: IoStats): Json {
  return {
    ioServiceBytesRecursive: bytes.length === 0 ? undefined : bytes.map(ioCountJson),
    ioServicedRecursive: operations.length === 0 ? undefined : operations.map(ioCountJson),
    psi: pressureJson(pressure),
  };
}

function ioCountJson({ major, minor, operation, value }: IoCount): Json {
  return { major: unlessZero(major), minor: unlessZero(minor), op: operation, value: unlessZero(value) };
}

function hugePagesJson(pages: readonly HugePageStats[]): Json {
  return Object.fromEntries(
    pages.map(({ size, usage, failures }) => [size, { usage: unlessZero(usage), failcnt: failures }]),
  );
}

function resctrlJson({ cache, bandwidth, memoryTraffic, cacheOccupancy }: ResctrlStats): Json {
  return {
    l3_cache_info: cache && {
      cbm_mask: unlessEmpty(cache.mask),
      min_cbm_bits: unlessZero(cache.minimumBits),
      num_closids: unlessZero(cache.classes),
    },
    l3_cache_schema_root: unlessEmpty(cache?.rootSchema),
    l3_cache_schema: unlessEmpty(cache?.schema),
    mem_bw_info: bandwidth && {
      bandwidth_gran: unlessZero(bandwidth.granularity),
      delay_linear: unlessZero(bandwidth.linear),
      min_bandwidth: unlessZero(bandwidth.minimum),
      num_closids: unlessZero(bandwidth.classes),
    },
    mem_bw_schema_root: unlessEmpty(bandwidth?.rootSchema),
    mem_bw_schema: unlessEmpty(bandwidth?.schema),
    mbm_stats: orNull(memoryTraffic?.map(({ total, local }) => ({ mbm_total_bytes: total, mbm_local_bytes: local }))),
    cmt_stats: orNull(cacheOccupancy?.map((bytes) => ({ llc_occupancy: bytes }))),
  };
}

function unlessEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** Go prints a list that nothing was put into as null. */
function orNull(list: Json[] | undefined): Json {
  return list?.length === 0 ? null : list;
}

function pressureJson(pressure: PressureStats | undefined): Json {
  if (pressure === undefined) return undefined;
  return { some: pressureLineJson(pressure.some), full: pressureLineJson(pressure.full) };
}

function pressureLineJson({ avg10, avg60, avg300, total }: Pressure): Json {
  return [avg10, avg60, avg300, total].every(isZero) ? undefined : { avg10, avg60, avg300, total };
}

function unlessZero(value: Integer64): Integer64 | undefined {
  return isZero(value) ? undefined : value;
}

function isZero(value: Integer64): boolean {
  return Number(value) === 0;
}
