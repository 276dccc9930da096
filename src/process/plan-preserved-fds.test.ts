/** LISTEN_FDS and --preserve-fds, and the sweep of everything else. */
import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { applyPreservedFds } from './apply-preserved-fds.ts';
import { planPreservedFds } from './plan-preserved-fds.ts';

const plan = (preserve: number, environment: string[] = [], pid: number | undefined = 42) =>
  planPreservedFds(preserve, { environment, pid });

test.each([
  { environment: [], want: { count: 2, listenCount: 0, env: [] } },
  {
    environment: ['LISTEN_FDS=3', 'LISTEN_PID=42'],
    want: { count: 5, listenCount: 3, env: ['LISTEN_FDS=3', 'LISTEN_PID=1'] },
  },
  { environment: ['LISTEN_FDS=3', 'LISTEN_PID=41'], want: { count: 2, listenCount: 0, env: [] } },
  { environment: ['LISTEN_FDS=3'], want: { count: 2, listenCount: 0, env: [] } },
  { environment: ['LISTEN_FDS=junk', 'LISTEN_PID=1'], want: { count: 2, listenCount: 0, env: [] } },
])('$environment', ({ environment, want }) => {
  expect(plan(2, environment)).toEqual(want);
});

test('exec passes none on', () => {
  const options = { environment: ['LISTEN_FDS=3', 'LISTEN_PID=42'], pid: undefined };
  expect(planPreservedFds(0, options)).toEqual({ count: 0, listenCount: 0, env: [] });
});

test.each([-1, 1e7, 0.5, Number.NaN])('--preserve-fds %s', (count) => {
  expect(() => plan(count)).toThrow('--preserve-fds');
});

test.each(['junk', '-1', '1e9'])('LISTEN_FDS=%s', (count) => {
  expect(() => plan(0, [`LISTEN_FDS=${count}`, 'LISTEN_PID=42'])).toThrow('LISTEN_FDS');
});

const openUpTo = (last: number) =>
  stubKernel({
    fcntl(fd: Fd) {
      if (fd.number > last) throw new RuntimeError({ kind: 'kernel', syscall: 'fcntl', errno: 'EBADF' });
      return 0;
    },
    closeRange: () => undefined,
  });

test('everything above the preserved ones is swept', () => {
  const { kernel, calls } = openUpTo(5);
  applyPreservedFds(kernel, plan(3));
  expect(calls.at(-1)).toEqual(['closeRange', 6, 0xffffffff, 4]);
});

test('a missing one is named as runc names it, and nothing is swept', () => {
  const { kernel, calls } = openUpTo(5);
  expect(() => applyPreservedFds(kernel, plan(4))).toThrow('unable to stat preserved-fd 3 (of 4)');
  expect(calls.some(([name]) => name === 'closeRange')).toBe(false);
});
