import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { applyCgroupFreeze } from './apply-cgroup-freeze.ts';
import { applyCgroupKill, waitCgroupEmpty } from './apply-cgroup-kill.ts';

/** A kernel in which cgroup.events has one content after the other, and each poll takes so many milliseconds. */
function scripted(contents: readonly string[], pollMs = 5) {
  const calls: string[] = [];
  const open = new Set<number>();
  let now = 1000;
  let looks = 0;
  let next = 10;
  const opened = <T extends 'cgroup'>(name: string) => {
    next += 1;
    open.add(next);
    return new Fd<T>(next, name);
  };
  const kernel = {
    openat2OrErrno(_: Fd, name: string) {
      const content = contents[Math.min(looks, contents.length - 1)] ?? '';
      if (content === 'ENOENT') return 'ENOENT';
      return opened(name);
    },
    read(file: Fd) {
      const content = contents[Math.min(looks, contents.length - 1)] ?? '';
      looks += 1;
      calls.push(`read ${file.path}`);
      if (content === 'ENODEV') throw new RuntimeError({ kind: 'kernel', syscall: 'read', errno: 'ENODEV' });
      return Uint8Array.from(content, (letter) => letter.charCodeAt(0));
    },
    write(file: Fd, text: string) {
      calls.push(`write ${file.path} ${text}`);
    },
    close(file: Fd) {
      open.delete(file.release());
    },
    poll(_: readonly Fd[], events: readonly number[], timeoutMs: number) {
      calls.push(`poll ${events[0]} ${timeoutMs}`);
      now += Math.min(pollMs, timeoutMs);
      return [timeoutMs > pollMs ? 2 : 0];
    },
    clockGettime: () => [Math.floor(now / 1000), (now % 1000) * 1_000_000],
    statxOrErrno: () => (/^E/.test(contents.at(-1) ?? '') ? 'ENOENT' : {}),
    fstat: () => ({ nlink: 2 }),
  } as unknown as Kernel;
  return { kernel, calls, open };
}

const cgroup = new Fd<'cgroup'>(3, '/sys/fs/cgroup/box');
const full = 'populated 1\nfrozen 0\n';
const empty = 'populated 0\nfrozen 0\n';
const frozen = 'populated 1\nfrozen 1\n';

test('empty already: one look, no clock, no poll', () => {
  const { kernel, calls, open } = scripted([empty]);
  expect(waitCgroupEmpty(kernel, cgroup, 100)).toBe(true);
  expect(calls).toEqual(['read cgroup.events']);
  expect(open.size).toBe(0);
});

test('waits by POLLPRI, with what is left of the time, until it is empty', () => {
  const { kernel, calls, open } = scripted([full, full, empty]);
  expect(waitCgroupEmpty(kernel, cgroup, 100)).toBe(true);
  expect(calls.filter((call) => call.startsWith('poll'))).toEqual(['poll 2 100', 'poll 2 95']);
  expect(open.size).toBe(0);
});

test('gives up when the time is over, and looks once more before that', () => {
  const { kernel, calls, open } = scripted([full], 1000);
  expect(waitCgroupEmpty(kernel, cgroup, 100)).toBe(false);
  expect(calls).toEqual(['read cgroup.events', 'poll 2 100', 'read cgroup.events']);
  expect(open.size).toBe(0);
  expect(waitCgroupEmpty(scripted([full]).kernel, cgroup, 0)).toBe(false);
});

test.each(['ENOENT', 'ENODEV'])('a cgroup that is removed meanwhile is empty (%s)', (errno) => {
  expect(waitCgroupEmpty(scripted([full, errno]).kernel, cgroup, 100)).toBe(true);
});

test('kill writes 1; a cgroup that is gone is no error', () => {
  const alive = scripted([full]);
  applyCgroupKill(alive.kernel, cgroup);
  expect(alive.calls).toEqual(['write cgroup.kill 1']);
  applyCgroupKill(scripted(['ENOENT']).kernel, cgroup);
});

function refusingWrite(errno: string) {
  const { kernel, open } = scripted([full]);
  const write = () => {
    throw new RuntimeError({ kind: 'kernel', syscall: 'write', errno });
  };
  return { kernel: { ...kernel, write } as unknown as Kernel, open };
}

// systemd removes the cgroup of an empty scope at once: the file is opened, and by the time of the write its cgroup is gone.
test.each(['ENOENT', 'ENODEV'])('kill of a cgroup that is removed between open and write (%s)', (errno) => {
  const { kernel, open } = refusingWrite(errno);
  applyCgroupKill(kernel, cgroup);
  expect(open.size).toBe(0);
});

test('freeze waits until the kernel says so', () => {
  const { kernel, calls } = scripted([full, frozen]);
  applyCgroupFreeze(kernel, cgroup, true, 100);
  expect(calls).toEqual(['write cgroup.freeze 1', 'read cgroup.events', 'poll 2 100', 'read cgroup.events']);
  const thaw = scripted([full]);
  applyCgroupFreeze(thaw.kernel, cgroup, false, 100);
  expect(thaw.calls[0]).toBe('write cgroup.freeze 0');
});

test('a freeze that does not happen is undone and told', () => {
  const { kernel, calls } = scripted([full], 1000);
  expect(() => applyCgroupFreeze(kernel, cgroup, true, 50)).toThrow('did not stop within 50 ms');
  expect(calls.at(-1)).toBe('write cgroup.freeze 0');
});

const removed = 'freeze the container: container not running: its cgroup was removed meanwhile';

// Not "a process did not stop": nobody is left who could.
test.each([
  ['before the open', ['ENOENT']],
  ['before the first look', ['ENODEV']],
  ['while it freezes', [full, 'ENOENT']],
])('a cgroup that systemd removes %s cannot be frozen, and nothing stands still', (_, contents) => {
  const { kernel, open } = scripted(contents);
  expect(() => applyCgroupFreeze(kernel, cgroup, true, 100)).toThrow(new RegExp(`^${removed}$`));
  expect(open.size).toBe(0);
});

test.each(['ENOENT', 'ENODEV'])('a cgroup that is removed between open and write of cgroup.freeze (%s)', (errno) => {
  const { kernel, open } = refusingWrite(errno);
  expect(() => applyCgroupFreeze(kernel, cgroup, true, 100)).toThrow(removed);
  expect(open.size).toBe(0);
});
