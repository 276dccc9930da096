/** The cgroups below a container's, which its programs (a systemd of its own) make and remove while they are looked at. */
import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { S_IFDIR } from '../kernel/flags.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { readCgroupProcesses } from './read-cgroup.ts';

const cgroup = new Fd<'cgroup'>(3, 'web');

/** web with the sub-cgroups a and b, of which a is removed just then. */
function look(removedAt: 'listing' | 'procs' | 'read') {
  let next = 10;
  const stub = stubKernel({
    openat2OrErrno: ((dir: Fd, name: string) => {
      if (dir.path === 'a' && name === 'cgroup.procs' && removedAt === 'procs') return 'ENOENT';
      next += 1;
      return new Fd(next, name === 'cgroup.procs' || name === '.' ? `${dir.path}/${name}` : name);
    }) as never,
    openat2: (() => new Fd(next, 'web')) as never,
    readAll: ({ path }) => {
      if (path === 'a/cgroup.procs' && removedAt === 'read')
        throw new RuntimeError({ kind: 'kernel', syscall: 'read', errno: 'ENODEV' });
      return { 'web/cgroup.procs': '1\n', 'a/cgroup.procs': '2\n', 'b/cgroup.procs': '3\n' }[path] ?? '';
    },
    fstat: (({ path }: Fd) => ({ nlink: path === 'b' ? 2 : 4 })) as never,
    readDirectory: ({ path }) => {
      if (path === 'a/.') throw new RuntimeError({ kind: 'kernel', syscall: 'getdents64', errno: 'ENOENT' });
      return ['.', '..', 'cgroup.procs', 'a', 'b'];
    },
    statxOrErrno: ((_dir: Fd, name: string) => ({ mode: name.includes('.') ? 0 : S_IFDIR })) as never,
    close: () => {},
  });
  return readCgroupProcesses(stub.kernel, cgroup);
}

test.each([
  // [man getdents.2] ENOENT: no such directory, though it was opened.
  ['listing', [1, 2, 3]],
  ['procs', [1, 3]],
  ['read', [1, 3]],
] as const)('one is removed before its %s: the others are told', (removedAt, pids) => {
  expect(look(removedAt)).toEqual(pids);
});
