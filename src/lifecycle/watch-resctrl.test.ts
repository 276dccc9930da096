/** events of a container with a class of service, on the fake kernel's resctrl: which lines and which group's counters. */
import { expect, test } from 'vitest';
import { cwdFd, Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { containerWithCgroup } from '../testing/container-with-cgroup.ts';
import { globals } from '../testing/containers.ts';
import type { Tree } from '../testing/fake-world.ts';
import { type ContainerEvent, watchContainer } from './watch-container.ts';

const base = { mountPoint: '/sys/fs/resctrl', group: 'gold', isNamed: true };
const mounted: Tree = { sys: { fs: { resctrl: {} } } };

function write(kernel: Kernel, path: string, text: string): void {
  const file = kernel.openat2(cwdFd, `/sys/fs/resctrl/${path}`, 1, 0, 0);
  kernel.write(file, text);
  kernel.close(file);
}

function tell(resctrl: object | undefined, prepare: (kernel: Kernel) => void = () => {}, files = mounted) {
  const { kernel, trace } = containerWithCgroup({ resctrl }, files);
  const root = kernel.openat2(cwdFd, '/sys/fs/resctrl', 0, 0, 0);
  for (const group of ['gold', 'gold/mon_groups/web']) kernel.mkdirat(root, group, 0o755);
  write(kernel, 'gold/schemata', 'L3:0=f;1=f\n');
  write(kernel, 'gold/mon_data/mon_L3_00/llc_occupancy', '4096\n');
  write(kernel, 'gold/mon_data/mon_L3_01/mbm_total_bytes', '18014398509481985\n');
  write(kernel, 'gold/mon_groups/web/mon_data/mon_L3_01/mbm_local_bytes', '7\n');
  prepare(kernel);
  const told: ContainerEvent[] = [];
  const before = trace.length;
  const output = { reader: new Fd<'object'>(1, 'stdout'), emit: (event: ContainerEvent) => told.push(event) > 0 };
  watchContainer(kernel, globals, { id: 'web', statsOnly: true, intervalMs: 5000 }, { ...output, warn: () => {} });
  return { resctrl: told[0]?.resctrl, trace: trace.slice(before) };
}

test('the class: its lines and the root’s, what the processor can do, the class’s counters', () => {
  expect(tell(base).resctrl).toEqual({
    cache: { mask: '7ff', minimumBits: 1, classes: 8, rootSchema: 'L3:0=7ff;1=7ff', schema: 'L3:0=f;1=f' },
    bandwidth: {
      ...{ granularity: 10, linear: 1, minimum: 10, classes: 8 },
      ...{ rootSchema: 'MB:0=100;1=100', schema: 'MB:0=100;1=100' },
    },
    memoryTraffic: [
      { total: 0, local: 0 },
      { total: 18014398509481985n, local: 0 },
    ],
    cacheOccupancy: [4096, 0],
  });
});

test('a monitoring group: its own counters; the default class too', () => {
  const own = tell({ ...base, monitor: 'web' }).resctrl;
  expect(own?.memoryTraffic).toEqual([
    { total: 0, local: 0 },
    { total: 0, local: 7 },
  ]);
  expect(own?.cacheOccupancy).toEqual([0, 0]);
  expect(tell({ ...base, group: '' }).resctrl?.cache?.schema).toBe('L3:0=7ff;1=7ff');
});

test('what the processor does not count is not told, and not read', () => {
  const { resctrl, trace } = tell(base, (kernel) => write(kernel, 'info/L3_MON/mon_features', 'mbm_local_bytes\n'));
  expect(resctrl?.cacheOccupancy).toBeUndefined();
  expect(resctrl?.memoryTraffic).toHaveLength(2);
  expect(trace.filter((line) => /mbm_total_bytes|llc_occupancy/.test(line))).toEqual([]);
});

test('a counter that is not available yet counts nothing; any other text is an error', () => {
  const file = 'gold/mon_data/mon_L3_00/llc_occupancy';
  expect(tell(base, (kernel) => write(kernel, file, 'Unavailable\n')).resctrl?.cacheOccupancy).toEqual([0, 0]);
  expect(() => tell(base, (kernel) => write(kernel, file, 'Error\n'))).toThrow('is not a number: "Error"');
});

test('a class that is gone, a resctrl that is not mounted any more', () => {
  expect(() => tell({ ...base, group: 'silver' })).toThrow(/silver.*ENOENT/);
  expect(() => tell({ ...base, mountPoint: '/gone' })).toThrow('/gone: resctrl is not mounted there any more');
});

test('without a class of service resctrl is not looked at', () => {
  const { resctrl, trace } = tell(undefined);
  expect(resctrl).toBeUndefined();
  expect(trace.filter((line) => line.includes('resctrl'))).toEqual([]);
});

test('a class that delete has removed is no error once the cgroup is gone, and one while the container runs', () => {
  const { kernel } = containerWithCgroup({ resctrl: base }, mounted);
  const output = { reader: new Fd<'object'>(1, 'stdout'), emit: () => true, warn: () => {} };
  const watch = (replaced: Partial<Kernel>) =>
    watchContainer({ ...kernel, ...replaced }, globals, { id: 'web', statsOnly: true, intervalMs: 5000 }, output);
  expect(() => watch({})).toThrow('read the class of service');
  // Removed between its statistics and the class.
  let looks = 0;
  const statxOrErrno: Kernel['statxOrErrno'] = (dir, path, flags) => {
    if (path !== 'cgroup.procs') return kernel.statxOrErrno(dir, path, flags);
    looks += 1;
    return looks > 1 ? 'ENOENT' : kernel.statxOrErrno(dir, path, flags);
  };
  expect(() => watch({ statxOrErrno })).toThrow('container with id web is not running');
});
