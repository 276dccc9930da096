/** A cgroup's files as text -> statistics, and what of them is missing on which host. */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { NO_LIMIT } from './cgroup-stats.ts';
import { readCgroupStats } from './read-cgroup-stats.ts';

const cgroup = new Fd<'cgroup'>(9, '/sys/fs/cgroup/c');

const full: Record<string, string> = {
  'pids.current': '3\n',
  'pids.max': '100\n',
  'memory.stat': 'anon 4096\nfile 8192\nslab 9007199254740993\n',
  'memory.current': '20480\n',
  'memory.max': '33554432\n',
  'memory.peak': '40960\n',
  'memory.swap.current': '1\n',
  'memory.swap.max': '2\n',
  'memory.swap.peak': '3\n',
  'memory.pressure': 'some avg10=1.00 avg60=0.00 avg300=0.00 total=1\n',
  'io.stat': '8:0 rbytes=1 wbytes=2 rios=3 wios=4\n',
  'io.pressure': 'full avg10=2.00 avg60=0.00 avg300=0.00 total=2\n',
  'cpu.stat':
    'usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 4\nnr_throttled 2\nthrottled_usec 5\nnr_bursts 0\nburst_usec 0\n',
  'cpu.pressure': 'some avg10=3.00 avg60=0.00 avg300=0.00 total=3\n',
  'hugetlb.2MB.rsvd.current': '2097152\n',
  'hugetlb.2MB.current': '0\n',
  'hugetlb.2MB.events': 'max 7\n',
};

/** A value that is an errno's name fails the read. */
function stats(files: Record<string, string>, sizes = ['.', '..', 'hugepages-2048kB'], isThere = true) {
  const { kernel } = stubKernel({
    openat2OrErrno: ((_dir: Fd, name: string) => {
      if (name === '/sys/kernel/mm/hugepages') return new Fd(50, name);
      return files[name] === undefined ? 'ENOENT' : new Fd(40, name);
    }) as never,
    readAll(fd) {
      const text = files[fd.path] as string;
      if (/^E[A-Z]+$/.test(text)) throw new RuntimeError({ kind: 'kernel', syscall: 'read', errno: text });
      return text;
    },
    readDirectory: () => sizes,
    fstat: (() => ({ nlink: 2 })) as never,
    statxOrErrno: (() => (isThere ? {} : 'ENOENT')) as never,
    close: () => {},
  });
  return readCgroupStats(kernel, cgroup);
}

describe('all controllers', () => {
  test('every number is where it belongs', () => {
    expect(stats(full)).toEqual({
      pids: { current: 3, limit: 100 },
      memory: {
        memory: { usage: 20480, limit: 33554432, peak: 40960 },
        memoryAndSwap: { usage: 20481, limit: 33554434, peak: 0 },
        raw: [
          ['anon', 4096],
          ['file', 8192],
          ['slab', 9007199254740993n],
        ],
        pressure: {
          some: { avg10: 1, avg60: 0, avg300: 0, total: 1 },
          full: { avg10: 0, avg60: 0, avg300: 0, total: 0 },
        },
      },
      io: {
        bytes: [
          { major: 8, minor: 0, operation: 'Read', value: 1 },
          { major: 8, minor: 0, operation: 'Write', value: 2 },
        ],
        operations: [
          { major: 8, minor: 0, operation: 'Read', value: 3 },
          { major: 8, minor: 0, operation: 'Write', value: 4 },
        ],
        pressure: {
          some: { avg10: 0, avg60: 0, avg300: 0, total: 0 },
          full: { avg10: 2, avg60: 0, avg300: 0, total: 2 },
        },
      },
      cpu: {
        total: 30_000,
        user: 20_000,
        system: 10_000,
        periods: 4,
        throttledPeriods: 2,
        throttledTime: 5000,
        pressure: {
          some: { avg10: 3, avg60: 0, avg300: 0, total: 3 },
          full: { avg10: 0, avg60: 0, avg300: 0, total: 0 },
        },
      },
      hugePages: [{ size: '2MB', usage: 2097152, failures: 7 }],
    });
  });

  test('no limit: of memory as the largest number, also with swap; of pids as 0', () => {
    const result = stats({ ...full, 'memory.max': 'max\n', 'pids.max': 'max\n' });
    expect(result?.memory.memory.limit).toBe(NO_LIMIT);
    expect(result?.memory.memoryAndSwap.limit).toBe(NO_LIMIT);
    expect(result?.pids.limit).toBe(0);
    expect(stats({ ...full, 'memory.swap.max': 'max\n' })?.memory.memoryAndSwap.limit).toBe(NO_LIMIT);
  });

  test('an older kernel: no peak, no reservations of huge pages, no accounting of swap', () => {
    const { 'memory.peak': _, 'hugetlb.2MB.rsvd.current': __, 'memory.swap.current': ___, ...older } = full;
    const result = stats(older);
    expect(result?.memory.memory.peak).toBe(0);
    expect(result?.memory.memoryAndSwap).toEqual({ usage: 20480, limit: 33554432, peak: 0 });
    expect(result?.hugePages).toEqual([{ size: '2MB', usage: 0, failures: 7 }]);
  });
});

describe('less than all', () => {
  test('no controller at all: zeros, processes counted from the list', () => {
    const result = stats({ 'cgroup.procs': '7\n8\n', 'cpu.stat': full['cpu.stat'] as string });
    expect(result).toMatchObject({
      pids: { current: 2, limit: 0 },
      memory: { memory: { usage: 0, limit: 0, peak: 0 }, raw: [], pressure: undefined },
      io: { bytes: [], operations: [], pressure: undefined },
      cpu: { total: 30_000, pressure: undefined },
      hugePages: [],
    });
  });

  test('a cgroup of threads counts these', () => {
    expect(stats({ 'cgroup.procs': 'EOPNOTSUPP', 'cgroup.threads': '7\n8\n9\n' })?.pids.current).toBe(3);
  });

  test('pressure that was switched off is not there, neither as file nor as content', () => {
    expect(stats({ ...full, 'cpu.pressure': 'EOPNOTSUPP' })?.cpu.pressure).toBeUndefined();
  });

  test('a cgroup that is removed meanwhile has no statistics', () => {
    expect(stats({ ...full, 'cpu.stat': 'ENODEV' })).toBeUndefined();
    // Files that are not there are not a controller that is off: no zeros of a container that has ended.
    expect(stats({}, [], false)).toBeUndefined();
    expect(stats(full, [], false)).toBeUndefined();
  });
});

describe('wrong', () => {
  test.each([
    ['memory.stat', 'anon\n'],
    ['cpu.stat', 'usage_usec many\n'],
    ['pids.current', 'x\n'],
    ['io.stat', '8:0 rbytes=x\n'],
    ['hugetlb.2MB.events', 'max y\n'],
    ['memory.pressure', 'some avg10=z\n'],
  ])('%s says %j: the file is named', (name, text) => {
    expect(() => stats({ ...full, [name]: text })).toThrow(`${name}: unexpected content`);
  });

  test('what cannot be read is an error', () => {
    expect(() => stats({ ...full, 'io.stat': 'EIO' })).toThrow('EIO');
  });
});
