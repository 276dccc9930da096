import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { CLONE_NEWNET, CLONE_NEWUSER, CLONE_NEWUTS } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { applyNamespaceJoins, applyOpenNamespace, type OpenedJoin } from './apply-namespace-joins.ts';

const opened = (type: 'network' | 'user' | 'uts', flag: number): OpenedJoin => ({
  join: { type, flag, path: `/ns/${type}`, pointer: '/linux/namespaces/1' },
  fd: new Fd<'host'>(flag % 1000, `/ns/${type}`),
});
const net = () => opened('network', CLONE_NEWNET);
const uts = () => opened('uts', CLONE_NEWUTS);
const user = () => opened('user', CLONE_NEWUSER);

/** setns answers EPERM for these flags until the user namespace has been entered. */
function kernelWithout(power: readonly number[], errno = 'EPERM') {
  const entered: number[] = [];
  const setns: Kernel['setns'] = (_fd, flag) => {
    if (power.includes(flag) && !entered.includes(CLONE_NEWUSER)) {
      throw new RuntimeError({ kind: 'kernel', syscall: 'setns', errno });
    }
    entered.push(flag);
  };
  return { entered, ...stubKernel({ setns, close: () => {} }) };
}

test('in order; the descriptors stay the caller’s, who may share its objects with us', () => {
  const { kernel, entered, calls } = kernelWithout([]);
  applyNamespaceJoins(kernel, [net(), uts()]);
  expect(entered).toEqual([CLONE_NEWNET, CLONE_NEWUTS]);
  expect(calls.filter(([name]) => name === 'close')).toHaveLength(0);
});

test('what the joined user namespace owns is tried again after it', () => {
  const { kernel, entered } = kernelWithout([CLONE_NEWNET]);
  applyNamespaceJoins(kernel, [net(), uts(), user()]);
  expect(entered).toEqual([CLONE_NEWUTS, CLONE_NEWUSER, CLONE_NEWNET]);
});

test('without a user namespace to join, EPERM is the end', () => {
  const { kernel } = kernelWithout([CLONE_NEWNET]);
  expect(() => applyNamespaceJoins(kernel, [net(), uts()])).toThrow('/linux/namespaces/1: /ns/network');
});

test('any other errno is not put off', () => {
  const { kernel, entered } = kernelWithout([CLONE_NEWNET], 'EINVAL');
  expect(() => applyNamespaceJoins(kernel, [net(), user()])).toThrow('EINVAL');
  expect(entered).toEqual([]);
});

const notANamespace: Kernel['ioctlNsGetNstype'] = () => {
  throw new RuntimeError({ kind: 'kernel', syscall: 'ioctl', errno: 'ENOTTY' });
};
const anotherType: Kernel['ioctlNsGetNstype'] = () => CLONE_NEWUTS;

test.each([
  ['another type', anotherType, 'is not a namespace of type network'],
  ['an ordinary file', notANamespace, 'is not a namespace'],
] as const)('%s is refused before anything is joined', (_, ioctlNsGetNstype, text) => {
  const openat2OrErrno = (() => new Fd<'host'>(5, 'x')) as unknown as Kernel['openat2OrErrno'];
  const { kernel, calls } = stubKernel({ openat2OrErrno, ioctlNsGetNstype, close: () => {} });
  expect(() => applyOpenNamespace(kernel, net().join)).toThrow(text);
  expect(calls.map(([name]) => name)).toEqual(['openat2OrErrno', 'ioctlNsGetNstype', 'close']);
});

test('a missing file is named', () => {
  const { kernel } = stubKernel({ openat2OrErrno: () => 'ENOENT' });
  expect(() => applyOpenNamespace(kernel, net().join)).toThrow('/ns/network: no such file or directory');
});
