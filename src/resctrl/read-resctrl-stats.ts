/**
 * Reads what resctrl has to say of a container's class of service: what the processor can do, what the class may have, and what
 * its monitoring group (without one the class) has used. With runc's choice of lines and of groups.
 * [kernel Documentation/filesystems/resctrl.rst]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_RDONLY } from '../kernel/flags.ts';
import type { Integer64, Kernel } from '../kernel/kernel.ts';
import { insideResctrl, monitorPath, openGroup, openResctrl, readGroupFile } from './open-resctrl.ts';
import type { ResctrlIdentity } from './resctrl-plan.ts';
import type { BandwidthAllocation, CacheAllocation, MemoryTraffic, ResctrlStats } from './resctrl-stats.ts';

/** Throws ENOENT when the class is gone. */
export function readResctrlStats(kernel: Kernel, identity: ResctrlIdentity): ResctrlStats {
  return during('read the class of service', () => {
    const { mountPoint, group, monitor } = identity;
    const root = openResctrl(kernel, mountPoint);
    if (root === undefined) {
      throw new RuntimeError({ kind: 'kernel', path: mountPoint, message: 'resctrl is not mounted there any more' });
    }
    const owned = requireGroup(kernel, root, group);
    const rootLines = linesOf(readGroupFile(kernel, root, 'schemata'));
    const lines = linesOf(readGroupFile(kernel, owned, 'schemata'));
    kernel.close(owned);
    const allocations = {
      cache: readCache(kernel, root, rootLines, lines),
      bandwidth: readBandwidth(kernel, root, rootLines, lines),
    };
    const monitored = requireGroup(kernel, root, monitor === undefined ? group : monitorPath(group, monitor));
    const counters = readCounters(kernel, root, monitored);
    kernel.close(monitored);
    kernel.close(root);
    return { ...allocations, ...counters };
  });
}

function readCache(
  kernel: Kernel,
  root: Fd<'host'>,
  rootLines: readonly string[],
  lines: readonly string[],
): CacheAllocation | undefined {
  const info = openInfo(kernel, root, 'info/L3');
  if (info === undefined) return undefined;
  const read = {
    mask: readGroupFile(kernel, info, 'cbm_mask').trim(),
    minimumBits: readNumber(kernel, info, 'min_cbm_bits'),
    classes: readNumber(kernel, info, 'num_closids'),
    rootSchema: lastLine(rootLines, 'L3'),
    schema: lastLine(lines, 'L3'),
  };
  kernel.close(info);
  return read;
}

function readBandwidth(
  kernel: Kernel,
  root: Fd<'host'>,
  rootLines: readonly string[],
  lines: readonly string[],
): BandwidthAllocation | undefined {
  const info = openInfo(kernel, root, 'info/MB');
  if (info === undefined) return undefined;
  const read = {
    granularity: readNumber(kernel, info, 'bandwidth_gran'),
    linear: readNumber(kernel, info, 'delay_linear'),
    minimum: readNumber(kernel, info, 'min_bandwidth'),
    classes: readNumber(kernel, info, 'num_closids'),
    rootSchema: lastLine(rootLines, 'MB'),
    schema: lastLine(lines, 'MB'),
  };
  kernel.close(info);
  return read;
}

type Counters = Pick<ResctrlStats, 'memoryTraffic' | 'cacheOccupancy'>;

function readCounters(kernel: Kernel, root: Fd<'host'>, monitored: Fd<'host'>): Counters {
  const info = openInfo(kernel, root, 'info/L3_MON');
  if (info === undefined) return { memoryTraffic: undefined, cacheOccupancy: undefined };
  const counted = new Set(linesOf(readGroupFile(kernel, info, 'mon_features')));
  kernel.close(info);
  const traffic: MemoryTraffic[] = [];
  const occupancy: Integer64[] = [];
  const data = kernel.openat2(monitored, 'mon_data', O_RDONLY | O_DIRECTORY, 0, insideResctrl);
  for (const name of [...kernel.readDirectory(data)].sort()) {
    if (name === '.' || name === '..') continue;
    const domain = kernel.openat2(data, name, O_RDONLY | O_DIRECTORY, 0, insideResctrl);
    const count = (feature: string): Integer64 => (counted.has(feature) ? readCounter(kernel, domain, feature) : 0);
    traffic.push({ total: count('mbm_total_bytes'), local: count('mbm_local_bytes') });
    occupancy.push(count('llc_occupancy'));
    kernel.close(domain);
  }
  kernel.close(data);
  const countsTraffic = counted.has('mbm_total_bytes') || counted.has('mbm_local_bytes');
  return {
    memoryTraffic: countsTraffic ? traffic : undefined,
    cacheOccupancy: counted.has('llc_occupancy') ? occupancy : undefined,
  };
}

/** "Unavailable" for a moment, after a group was made or its processors changed: nothing has been counted then. */
function readCounter(kernel: Kernel, domain: Fd<'host'>, name: string): Integer64 {
  const text = readGroupFile(kernel, domain, name).trim();
  return text === 'Unavailable' ? 0 : parseNumber(text, `${domain.path}/${name}`);
}

function readNumber(kernel: Kernel, directory: Fd<'host'>, name: string): Integer64 {
  return parseNumber(readGroupFile(kernel, directory, name).trim(), `${directory.path}/${name}`);
}

function parseNumber(text: string, path: string): Integer64 {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0 && text !== '') return value;
  if (!/^[0-9]+$/.test(text)) {
    throw new RuntimeError({ kind: 'kernel', path, message: `is not a number: ${JSON.stringify(text.slice(0, 40))}` });
  }
  return BigInt(text);
}

/** undefined: ENOENT, the processor has none. */
function openInfo(kernel: Kernel, root: Fd<'host'>, path: string): Fd<'host'> | undefined {
  const opened = openGroup(kernel, root, path);
  if (opened === 'ENOENT') return undefined;
  if (typeof opened !== 'string') return opened;
  throw new RuntimeError({ kind: 'kernel', path: `${root.path}/${path}`, errno: opened, syscall: 'openat2' });
}

function requireGroup(kernel: Kernel, root: Fd<'host'>, path: string): Fd<'host'> {
  const opened = openGroup(kernel, root, path);
  if (typeof opened !== 'string') return opened;
  throw new RuntimeError({ kind: 'kernel', path: `${root.path}/${path}`, errno: opened, syscall: 'openat2' });
}

const linesOf = (text: string): readonly string[] => text.split('\n').map((line) => line.trim());

/** L3 is also L3CODE and L3DATA, MB is not SMBA. Of several the last one, as in runc. */
function lastLine(lines: readonly string[], resource: string): string {
  return lines.filter((line) => line.startsWith(resource)).at(-1) ?? '';
}
