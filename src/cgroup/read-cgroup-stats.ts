/**
 * Reads a cgroup's statistics, file by file, with runc's mapping to the names that cgroup v1 had. A controller that is off has
 * no files: its numbers stay zero. The numbers are of one moment each, not of one moment together. [man cgroups.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { O_RDONLY } from '../kernel/flags.ts';
import type { Integer64, Kernel } from '../kernel/kernel.ts';
import type {
  CgroupStats,
  CpuStats,
  HugePageStats,
  MemoryStats,
  MemoryUse,
  PidsStats,
  PressureStats,
} from './cgroup-stats.ts';
import { NO_LIMIT } from './cgroup-stats.ts';
import { isRemoved, readFile } from './open-in-cgroup.ts';
import {
  parseCount,
  parseFlatKeys,
  parseHugePageSize,
  parseIo,
  parseMicroseconds,
  parsePressure,
  parseSingle,
} from './parse-cgroup-stats.ts';

/** undefined: the cgroup was removed meanwhile: its files are not there (which else says that a controller is off), or cannot be read. */
export function readCgroupStats(kernel: Kernel, cgroup: Fd<'cgroup'>): CgroupStats | undefined {
  try {
    const pids = readPids(kernel, cgroup);
    const memory = readMemory(kernel, cgroup);
    const io = inFile('io.stat', () => parseIo(read(kernel, cgroup, 'io.stat') ?? ''));
    const cpu = readCpu(kernel, cgroup);
    const pressure = readPressure(kernel, cgroup, 'io.pressure');
    const hugePages = readHugePages(kernel, cgroup);
    return isRemoved(kernel, cgroup) ? undefined : { cpu, memory, pids, io: { ...io, pressure }, hugePages };
  } catch (error) {
    if (error instanceof RuntimeError && error.fields.errno === 'ENODEV') return undefined;
    throw error;
  }
}

/** Without the controller the processes are counted, of this cgroup alone. */
function readPids(kernel: Kernel, cgroup: Fd<'cgroup'>): PidsStats {
  const current = readCount(kernel, cgroup, 'pids.current');
  if (current !== undefined) {
    const limit = readCount(kernel, cgroup, 'pids.max') ?? 0;
    return { current, limit: limit === NO_LIMIT ? 0 : limit };
  }
  return { current: (readProcesses(kernel, cgroup) ?? '').split('\n').length - 1, limit: 0 };
}

/** A cgroup of threads has no list of processes (EOPNOTSUPP). */
function readProcesses(kernel: Kernel, cgroup: Fd<'cgroup'>): string | undefined {
  try {
    return read(kernel, cgroup, 'cgroup.procs');
  } catch (error) {
    if (error instanceof RuntimeError && error.fields.errno === 'EOPNOTSUPP')
      return read(kernel, cgroup, 'cgroup.threads');
    throw error;
  }
}

const nothing: MemoryUse = Object.freeze({ usage: 0, limit: 0, peak: 0 });

function readMemory(kernel: Kernel, cgroup: Fd<'cgroup'>): MemoryStats {
  const pressure = readPressure(kernel, cgroup, 'memory.pressure');
  const text = read(kernel, cgroup, 'memory.stat');
  if (text === undefined) return { memory: nothing, memoryAndSwap: nothing, raw: [], pressure };
  const raw = inFile('memory.stat', () =>
    [...parseFlatKeys(text)].map(([key, value]) => [key, parseCount(value)] as const),
  );
  const memory = readMemoryUse(kernel, cgroup, 'memory');
  // A kernel without accounting of swap has no files for it.
  const swap = readMemoryUse(kernel, cgroup, 'memory.swap');
  return {
    memory,
    memoryAndSwap: { usage: add(memory.usage, swap.usage), limit: add(memory.limit, swap.limit), peak: 0 },
    raw,
    pressure,
  };
}

function readMemoryUse(kernel: Kernel, cgroup: Fd<'cgroup'>, name: string): MemoryUse {
  const usage = readCount(kernel, cgroup, `${name}.current`);
  if (usage === undefined) return nothing;
  return {
    usage,
    limit: readCount(kernel, cgroup, `${name}.max`) ?? 0,
    // Since Linux 5.19, of swap since 6.5.
    peak: readCount(kernel, cgroup, `${name}.peak`) ?? 0,
  };
}

/** "No limit" stays that, whatever is added. */
function add(left: Integer64, right: Integer64): Integer64 {
  if (left === NO_LIMIT || right === NO_LIMIT) return NO_LIMIT;
  const sum = BigInt(left) + BigInt(right);
  return sum <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(sum) : sum;
}

function readCpu(kernel: Kernel, cgroup: Fd<'cgroup'>): CpuStats {
  const text = read(kernel, cgroup, 'cpu.stat') ?? '';
  const pressure = readPressure(kernel, cgroup, 'cpu.pressure');
  return inFile('cpu.stat', () => {
    const values = parseFlatKeys(text);
    return {
      total: parseMicroseconds(values.get('usage_usec')),
      user: parseMicroseconds(values.get('user_usec')),
      system: parseMicroseconds(values.get('system_usec')),
      periods: parseCount(values.get('nr_periods') ?? '0'),
      throttledPeriods: parseCount(values.get('nr_throttled') ?? '0'),
      throttledTime: parseMicroseconds(values.get('throttled_usec')),
      pressure,
    };
  });
}

/** undefined: the kernel does not measure it, not at all or not for this cgroup. */
function readPressure(kernel: Kernel, cgroup: Fd<'cgroup'>, name: string): PressureStats | undefined {
  try {
    const text = read(kernel, cgroup, name);
    return text === undefined ? undefined : inFile(name, () => parsePressure(text));
  } catch (error) {
    // Some kernels have the files although it was switched off at boot.
    if (error instanceof RuntimeError && error.fields.errno === 'EOPNOTSUPP') return undefined;
    throw error;
  }
}

/** The sizes are the machine's. What is reserved counts, where the kernel counts it (Linux 5.7). */
function readHugePages(kernel: Kernel, cgroup: Fd<'cgroup'>): readonly HugePageStats[] {
  const pages: HugePageStats[] = [];
  for (const size of readHugePageSizes(kernel)) {
    const usage =
      readCount(kernel, cgroup, `hugetlb.${size}.rsvd.current`) ?? readCount(kernel, cgroup, `hugetlb.${size}.current`);
    if (usage === undefined) continue;
    const name = `hugetlb.${size}.events`;
    const failures = inFile(name, () => parseCount(parseFlatKeys(read(kernel, cgroup, name) ?? '').get('max') ?? '0'));
    pages.push({ size, usage, failures });
  }
  return pages;
}

function readHugePageSizes(kernel: Kernel): readonly string[] {
  const directory = kernel.openat2OrErrno(cwdFd, '/sys/kernel/mm/hugepages', O_RDONLY | O_DIRECTORY, 0, 0);
  if (typeof directory === 'string') return [];
  try {
    const sizes = kernel.readDirectory(directory).map(parseHugePageSize);
    return sizes.filter((size) => size !== undefined).sort();
  } finally {
    kernel.close(directory);
  }
}

function readCount(kernel: Kernel, cgroup: Fd<'cgroup'>, name: string): Integer64 | undefined {
  const text = read(kernel, cgroup, name);
  return text === undefined ? undefined : inFile(name, () => parseSingle(text));
}

/** undefined: there is no such file. ENODEV when the cgroup is gone. */
function read(kernel: Kernel, cgroup: Fd<'cgroup'>, name: string): string | undefined {
  const result = readFile(kernel, cgroup, name);
  if (typeof result !== 'string') return result.text;
  if (result === 'ENOENT') return undefined;
  throw new RuntimeError({ kind: 'kernel', path: `${cgroup.path}/${name}`, syscall: 'openat2', errno: result });
}

function inFile<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof RuntimeError && error.fields.path === undefined ? error.with({ path: name }) : error;
  }
}
