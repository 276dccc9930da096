/** Which limits are set before the exec tail, and what is said when that fails. */
import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Limit } from '../kernel/kernel.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { applyProcessLimits } from './apply-process-limits.ts';
import type { PlannedRlimit } from './process-plan.ts';

const limit: PlannedRlimit = {
  name: 'RLIMIT_NOFILE',
  resource: 7,
  soft: 2048,
  hard: 4096,
  pointer: '/process/rlimits/1',
  deferred: false,
};

const withLimits = (now: Limit) => {
  const set: unknown[] = [];
  const { kernel } = stubKernel({
    prlimit(pid, resource, value) {
      if (value !== undefined) set.push([pid, resource, value]);
      return now;
    },
  });
  return { kernel, set };
};

test('what does not hurt us is set as it is', () => {
  const { kernel, set } = withLimits({ soft: 1, hard: 1 });
  applyProcessLimits(kernel, 9, [limit]);
  expect(set).toEqual([[9, 7, { soft: 2048, hard: 4096 }]]);
});

test.each([
  { now: { soft: 1024, hard: 8192 }, want: [] },
  { now: { soft: 1024, hard: 4096 }, want: [] },
  { now: { soft: 1024, hard: 2048 }, want: [[0, 7, { soft: 1024, hard: 4096 }]] },
])('of a deferred one only the hard limit is raised: $now', ({ now, want }) => {
  const { kernel, set } = withLimits(now);
  applyProcessLimits(kernel, 0, [{ ...limit, deferred: true }]);
  expect(set).toEqual(want);
});

test('a hard limit that is a BigInt compares', () => {
  const { kernel, set } = withLimits({ soft: 1, hard: 18446744073709551615n });
  applyProcessLimits(kernel, 0, [{ ...limit, deferred: true }]);
  expect(set).toEqual([]);
});

test('EPERM names the limit, its place and the privilege', () => {
  const { kernel } = stubKernel({
    prlimit() {
      throw new RuntimeError({ kind: 'kernel', syscall: 'prlimit64', errno: 'EPERM' });
    },
  });
  expect(() => applyProcessLimits(kernel, 0, [limit])).toThrow(
    /^set RLIMIT_NOFILE to 2048:4096: \/process\/rlimits\/1: operation not permitted .*CAP_SYS_RESOURCE.*nr_open/,
  );
});
