/** Which directory is the state root by default, and whose XDG_RUNTIME_DIR is trusted. */
import { expect, test } from 'vitest';
import { Fd, type FdTree } from '../kernel/fd.ts';
import type { Kernel, Stat } from '../kernel/kernel.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { openStateRoot, stateRootPath } from './state-directory.ts';

const initial = 'user:[4026531837]';
const nested = 'user:[4026532000]';
const own = 'XDG_RUNTIME_DIR=/run/user/1000';

test.each<readonly [string, number, string, readonly string[], string]>([
  ['root', 0, initial, [own], '/run/runt'],
  ['root, whose USER is root', 0, nested, [own, 'USER=root'], '/run/runt'],
  ['root of a user namespace', 0, nested, [own], '/run/user/1000/runt'],
  ['root of a user namespace, another name', 0, nested, [own, 'USER=me'], '/run/user/1000/runt'],
  ['root of a user namespace without the variable', 0, nested, [], '/run/runt'],
  ['a user', 1000, initial, [own, 'USER=root'], '/run/user/1000/runt'],
])('%s', (_, euid, namespace, environment, expected) => {
  const { kernel } = stubKernel({ geteuid: () => euid, environ: () => environment, readlinkat: () => namespace });
  expect(stateRootPath(kernel, { root: undefined })).toBe(expected);
  expect(stateRootPath(kernel, { root: '/given' })).toBe('/given');
});

test.each([[[]], [['XDG_RUNTIME_DIR=']], [['XDG_RUNTIME_DIR=relative']]])('a user with %j has none', (environment) => {
  const { kernel } = stubKernel({ geteuid: () => 1000, environ: () => environment });
  expect(() => stateRootPath(kernel, { root: undefined })).toThrow('XDG_RUNTIME_DIR is not set');
});

function open(stat: Partial<Stat>): string | undefined {
  const methods: Partial<Kernel> = {
    geteuid: () => 1000,
    environ: () => [own],
    openat2OrErrno: <Tree extends FdTree>(_: Fd<Tree>, path: string) => new Fd<Tree>(7, path),
    fstat: (fd) => (fd.path.endsWith('runt') ? { uid: 1000, mode: 0o41700 } : stat) as Stat,
    close: () => {},
  };
  return openStateRoot(stubKernel(methods).kernel, { root: undefined })?.path;
}

test('XDG_RUNTIME_DIR must be the user’s own or root’s, and writable for nobody else', () => {
  expect(open({ uid: 1000, mode: 0o40700 })).toBe('/run/user/1000/runt');
  expect(open({ uid: 0, mode: 0o40755 })).toBe('/run/user/1000/runt');
  expect(() => open({ uid: 1001, mode: 0o40700 })).toThrow('/run/user/1000: owned by uid 1001');
  expect(() => open({ uid: 1000, mode: 0o40777 })).toThrow('mode 0777: refusing');
});
