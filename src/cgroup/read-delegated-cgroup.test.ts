import { expect, test } from 'vitest';
import { Fd, type FdTree } from '../kernel/fd.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { readDelegatedCgroup } from './read-delegated-cgroup.ts';

const root = new Fd<'cgroup'>(9, '/sys/fs/cgroup');

/** `writable`: what the user may write, relative to the root. */
function read(own: string, writable: readonly string[]) {
  const { kernel } = stubKernel({
    openat2OrErrno: <Tree extends FdTree>() => new Fd<Tree>(10, '/proc/self/cgroup'),
    readAll: () => `2:cpu:/x\n0::${own}\n`,
    close: () => {},
    faccessat2: (_: unknown, path: unknown) => (writable.includes(path as string) ? undefined : 'EACCES'),
  });
  return readDelegatedCgroup(kernel, root);
}
const whole = (path: string) => [path, `${path}/cgroup.procs`];

test.each<readonly [string, string, readonly string[], readonly string[] | undefined]>([
  ['beside the own one', '/user/app/me', [...whole('user/app'), ...whole('user/app/me')], ['user', 'app']],
  ['inside of it', '/user/app/me', whole('user/app/me'), ['user', 'app', 'me']],
  ['nowhere', '/user/app/me', [], undefined],
  ['only the directory is ours, not cgroup.procs', '/user/app/me', ['user/app', 'user/app/me'], undefined],
  ['in the root of a cgroup namespace', '/', whole('.'), []],
  ['beside it, in the root', '/me', whole('.'), []],
  ['outside of the namespace', '/../other', whole('.'), undefined],
  ['removed meanwhile', '/a (deleted)', whole('.'), undefined],
])('%s', (_, own, writable, expected) => {
  expect(read(own, writable)).toEqual(expected);
});

test('no v2 tree, or no v2 line', () => {
  expect(readDelegatedCgroup(stubKernel({}).kernel, undefined)).toBeUndefined();
  expect(read('', whole('.'))).toBeUndefined();
});
