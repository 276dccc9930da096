/** Whose 0, 1 and 2 are. */
import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { S_IFCHR, S_IFIFO } from '../kernel/flags.ts';
import type { Stat } from '../kernel/kernel.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { applyStdioOwner } from './apply-stdio-owner.ts';

const devNull = { mode: S_IFCHR | 0o666, rdevMajor: 1, rdevMinor: 3, uid: 0, gid: 0 } as Stat;
const pipe = (uid: number): Stat => ({ mode: S_IFIFO | 0o600, rdevMajor: 0, rdevMinor: 0, uid, gid: 9 }) as Stat;

test('what is not the user’s is given, with its group; /dev/null never', () => {
  const stats = [devNull, pipe(0), pipe(1000)];
  const { kernel, calls } = stubKernel({ fstat: (fd) => stats[fd.number] as Stat, fchown: () => undefined });
  applyStdioOwner(kernel, 1000);
  const given = calls
    .filter(([name]) => name === 'fchown')
    .map(([, fd, ...ids]) => [(fd as { number: number }).number, ...ids]);
  expect(given).toEqual([[1, 1000, 9]]);
});

test.each(['EPERM', 'EINVAL', 'EROFS'])('%s is no failure, and the others are still given', (errno) => {
  const { kernel, calls } = stubKernel({
    fstat: () => pipe(0),
    fchown() {
      throw new RuntimeError({ kind: 'kernel', syscall: 'fchownat', errno });
    },
  });
  applyStdioOwner(kernel, 1000);
  expect(calls.filter(([name]) => name === 'fchown')).toHaveLength(3);
});

test('anything else is', () => {
  const { kernel } = stubKernel({
    fstat: () => pipe(0),
    fchown() {
      throw new RuntimeError({ kind: 'kernel', syscall: 'fchownat', errno: 'EIO' });
    },
  });
  expect(() => applyStdioOwner(kernel, 1000)).toThrow('EIO');
});
