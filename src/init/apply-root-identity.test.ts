import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { PROC_SUPER_MAGIC } from '../kernel/flags.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { applyRootIdentity } from './apply-root-identity.ts';

function stub(errno?: string) {
  const setgroups = () => {
    if (errno !== undefined) throw new RuntimeError({ kind: 'kernel', syscall: 'setgroups', errno });
  };
  return stubKernel({ setgroups, setresgid: () => {}, setresuid: () => {}, prctl: () => 0 });
}
const called = (calls: readonly (readonly unknown[])[]) => calls.map(([name]) => name);
const identity = ['setresgid', 'setresuid', 'prctl'];

test.each([
  ['allow', undefined, false, ['setgroups', ...identity]],
  ['deny', undefined, true, identity],
  // No file is asked: the container could have put a lie there, and the caller's groups would stay.
  ['read', undefined, false, ['setgroups', ...identity]],
  ['read', 'EPERM', true, ['setgroups', ...identity]],
] as const)('%s, the kernel says %s', (setgroups, errno, denied, names) => {
  const { kernel, calls } = stub(errno);
  expect(applyRootIdentity(kernel, setgroups)).toBe(denied);
  expect(called(calls)).toEqual(names);
});

test.each([
  ['allow', 'EPERM'],
  ['read', 'EINVAL'],
] as const)('%s: %s is an error', (setgroups, errno) => {
  expect(() => applyRootIdentity(stub(errno).kernel, setgroups)).toThrow();
});

test.each([
  ['allow\n', false],
  ['deny\n', true],
])('keep: the kernel says %j, and the groups stay', (text, denied) => {
  const { kernel, calls } = stubKernel({
    openat2: () => new Fd(7, '/proc/self'),
    fstatfs: () => PROC_SUPER_MAGIC,
    readAll: () => text,
    close: () => {},
    setresgid: () => {},
    setresuid: () => {},
    prctl: () => 0,
  });
  expect(applyRootIdentity(kernel, 'keep')).toBe(denied);
  expect(called(calls)).not.toContain('setgroups');
  expect(called(calls).slice(-3)).toEqual(identity);
});
