/** The wait of `events` against scripted files and polls. */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { Fd } from '../kernel/fd.ts';
import { POLLERR, POLLPRI } from '../kernel/flags.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { type CgroupWatch, startWatch, waitInCgroup } from './run-cgroup-watch.ts';

const cgroup = new Fd<'cgroup'>(9, '/c');
const reader = new Fd<'object'>(1, 'stdout');
const POPULATED = 'populated 1\nfrozen 0\n';
const kills = (count: number) => `low 0\nhigh 0\nmax 9\noom 9\noom_kill ${count}\noom_group_kill 0\n`;

interface Moment {
  readonly memory?: string;
  readonly processes?: string;
  readonly nowMs?: number;
  /** revents of the reader in the poll that ends this moment; 'signal': interrupted. */
  readonly poll?: number | 'signal';
}

/** One entry for each look; the poll after it leads to the next. undefined files are not there. */
function world(script: readonly Moment[]) {
  let at = 0;
  const polls: unknown[][] = [];
  const moment = () => script[at] as Moment;
  const stub = stubKernel({
    openat2OrErrno: ((_dir: Fd, name: string) => {
      const text = name === 'memory.events' ? moment().memory : moment().processes;
      return text === undefined ? 'ENOENT' : new Fd(40, name);
    }) as never,
    read(fd) {
      const text = (fd.path === 'memory.events' ? moment().memory : moment().processes) as string;
      if (text === 'ENODEV') throw new RuntimeError({ kind: 'kernel', syscall: 'read', errno: 'ENODEV' });
      return encodeUtf8(text);
    },
    clockGettime: () => [0, (moment().nowMs ?? 0) * 1e6],
    poll(fds, events, timeoutMs) {
      polls.push([fds.map((fd) => fd.path), events, timeoutMs]);
      const { poll } = moment();
      at++;
      return poll === 'signal' ? undefined : [poll ?? 0, ...fds.slice(1).map(() => 0)];
    },
    close: (fd) => {
      fd.release();
    },
  });
  const opened = () => stub.calls.filter(([name]) => name === 'openat2OrErrno').length;
  const closed = () => stub.calls.filter(([name]) => name === 'close').length;
  return { ...stub, polls, opened, closed };
}

const wait = (script: readonly Moment[], watch: CgroupWatch, deadlineMs = 5000) => {
  const stub = world(script);
  return { result: waitInCgroup(stub.kernel, cgroup, watch, { reader, deadlineMs }), ...stub };
};

describe('a watch begins', () => {
  test('with the kills so far', () => {
    expect(startWatch(world([{ memory: kills(4), processes: POPULATED }]).kernel, cgroup)).toEqual({ oomKills: 4 });
  });
  test('without the memory controller', () => {
    expect(startWatch(world([{ processes: POPULATED }]).kernel, cgroup)).toEqual({ oomKills: undefined });
  });
});

describe('a wait', () => {
  test('tells a kill once, and counts it', () => {
    const watch = { oomKills: 1 };
    const { result, polls, opened, closed } = wait(
      [
        { memory: kills(1), processes: POPULATED },
        { memory: kills(3), processes: POPULATED },
      ],
      watch,
    );
    expect(result).toBe('oom');
    expect(watch.oomKills).toBe(3);
    expect(polls).toEqual([[['stdout', 'memory.events', 'cgroup.events'], [0, POLLPRI, POLLPRI], 5000]]);
    expect(opened()).toBe(4);
    expect(closed()).toBe(4);
  });

  test('tells a kill before the end that it was', () => {
    const watch = { oomKills: 0 };
    const last = { memory: kills(1), processes: 'populated 0\nfrozen 0\n' };
    expect(wait([last], watch).result).toBe('oom');
    expect(wait([last], watch).result).toBe('ended');
  });

  test.each([
    ['its last process is gone', { memory: kills(0), processes: 'populated 0\nfrozen 0\n' }],
    ['the cgroup is removed', {}],
    ['the cgroup is removed while it is looked at', { memory: 'ENODEV', processes: 'ENODEV' }],
  ])('ends when %s', (_, moment) => {
    expect(wait([moment], { oomKills: 0 }).result).toBe('ended');
  });

  test('ends at the interval, by the clock and not by polls that were interrupted', () => {
    const quiet = { memory: kills(0), processes: POPULATED };
    const script = [
      { ...quiet, poll: 'signal' as const },
      { ...quiet, nowMs: 4999.5 },
      { ...quiet, nowMs: 5000 },
    ];
    const { result, polls } = wait(script, { oomKills: 0 });
    expect(result).toBe('interval');
    expect(polls.map(([, , timeoutMs]) => timeoutMs)).toEqual([5000, 1]);
  });

  test('ends when nobody reads', () => {
    const { result } = wait([{ memory: kills(0), processes: POPULATED, poll: POLLERR }], { oomKills: 0 });
    expect(result).toBe('nobodyReads');
  });

  test('without the memory controller looks at the processes alone', () => {
    const { result, polls } = wait([{ processes: POPULATED }, { processes: '' }], { oomKills: undefined });
    expect(result).toBe('ended');
    expect(polls[0]?.[0]).toEqual(['stdout', 'cgroup.events']);
  });

  test('of years is many polls', () => {
    const { polls } = wait([{ processes: POPULATED }, {}], { oomKills: undefined }, 1e15);
    expect(polls[0]?.[2]).toBe(0x7fffffff);
  });
});
