/** What a cgroup's memory.events say, also of one that somebody removes meanwhile. */
import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { hasMemoryEvent } from './setup-child.ts';

const cgroup = new Fd<'cgroup'>(9, '/c');

/** The text of memory.events, or the errno of its open(2) or of its read(2). */
function look(world: { readonly open?: string; readonly read?: string; readonly text?: string }) {
  const stub = stubKernel({
    openat2OrErrno: ((_dir: Fd, name: string) => world.open ?? new Fd(40, name)) as never,
    readAll() {
      if (world.read !== undefined) throw new RuntimeError({ kind: 'kernel', syscall: 'read', errno: world.read });
      return world.text as string;
    },
    close: (fd) => {
      fd.release();
    },
  });
  const closed = () => stub.calls.filter(([name]) => name === 'close').length;
  return { kernel: stub.kernel, closed };
}

test.each([
  ['low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\n', 'oom_kill', true],
  ['low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\n', 'oom_kill', false],
  ['low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\n', 'max', true],
  ['low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 1\n', 'oom_kill', false],
] as const)('%j: %s is %s', (text, event, expected) => {
  const { kernel, closed } = look({ text });
  expect(hasMemoryEvent(kernel, cgroup, event)).toBe(expected);
  expect(closed()).toBe(1);
});

test('a cgroup that systemd removes between open and read has no events, and run goes on to remove the container', () => {
  const { kernel, closed } = look({ read: 'ENODEV' });
  expect(hasMemoryEvent(kernel, cgroup, 'oom_kill')).toBe(false);
  expect(closed()).toBe(1);
});

test('a cgroup that is gone, or has no memory controller', () => {
  const { kernel, closed } = look({ open: 'ENOENT' });
  expect(hasMemoryEvent(kernel, cgroup, 'max')).toBe(false);
  expect(closed()).toBe(0);
});
