/** Rule B8 [CVE-2024-21626], and the creation of a missing directory by descriptors only. */
import { expect, test } from 'vitest';
import { Fd } from '../kernel/fd.ts';
import { RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from '../kernel/flags.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { applyMissingDirectory } from './apply-missing-directory.ts';
import { applyWorkingDirectory } from './apply-working-directory.ts';

const root = new Fd<'root'>(10, '/');

function kernelWith(open: (path: string) => number | string, more: { getcwd?: string; mkdir?: string } = {}) {
  const existing = new Map<number, string>();
  let next = 20;
  return stubKernel({
    openat2OrErrno: ((_fd: Fd, path: string) => {
      const result = open(path);
      if (typeof result === 'string') return result;
      existing.set(next, path);
      return new Fd<'root'>(next++, path);
    }) as never,
    duplicate: ((fd: Fd) => new Fd<'root'>(next++, fd.path)) as never,
    mkdiratOrErrno: () => more.mkdir,
    fchdir: () => undefined,
    getcwd: () => more.getcwd ?? '/work',
    close: (fd) => {
      fd.release();
    },
  });
}

test('resolved inside the root, entered, verified, closed', () => {
  const { kernel, calls } = kernelWith(() => 1);
  applyWorkingDirectory(kernel, root, '/work', '/process/cwd');
  expect(calls.map(([name]) => name)).toEqual(['openat2OrErrno', 'fchdir', 'close', 'getcwd']);
  expect(calls[0]?.[5]).toBe(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
});

test('a directory that the kernel calls unreachable is a breakout', () => {
  const { kernel } = kernelWith(() => 1, { getcwd: '(unreachable)/etc' });
  expect(() => applyWorkingDirectory(kernel, root, '/work', '/process/cwd')).toThrow('container breakout');
});

test.each(['ENOTDIR', 'ELOOP', 'EACCES'])('%s', (errno) => {
  const { kernel, calls } = kernelWith(() => errno);
  expect(() => applyWorkingDirectory(kernel, root, '/x', '/process/cwd')).toThrow(
    new RegExp(`^chdir to cwd \\("/x"\\) set in config.json failed: /process/cwd: .*${errno}`),
  );
  expect(calls).toHaveLength(1);
});

test('a rename on the way is tried again, but not for ever', () => {
  let attempts = 0;
  const { kernel } = kernelWith(() => (++attempts < 5 ? 'EAGAIN' : 1));
  applyWorkingDirectory(kernel, root, '/work', '/process/cwd');
  expect(attempts).toBe(5);
  const always = kernelWith(() => 'EAGAIN');
  expect(() => applyWorkingDirectory(always.kernel, root, '/work', '/process/cwd')).toThrow('EAGAIN');
  expect(always.calls).toHaveLength(128);
});

test('only missing components are made, each in its held parent', () => {
  const made = new Set<string>(['/a']);
  const { kernel, calls } = kernelWith((path) => (made.has(path) ? 1 : 'ENOENT'));
  const pending: string[] = [];
  const tracked = new Proxy(kernel, {
    get: (target, name: keyof typeof kernel) =>
      name === 'mkdiratOrErrno'
        ? (parent: Fd, each: string) => {
            const path = parent.path === '/' ? `/${each}` : `${parent.path}/${each}`;
            if (made.has(path)) return 'EEXIST';
            made.add(path);
            pending.push(path);
            return undefined;
          }
        : target[name],
  });
  applyMissingDirectory(tracked, root, '/a//./b/c', '/process/cwd');
  expect(pending).toEqual(['/a/b', '/a/b/c']);
  const opened = calls.filter(([name]) => name === 'openat2OrErrno' || name === 'duplicate').length;
  expect(calls.filter(([name]) => name === 'close')).toHaveLength(opened - 1);
});

test('nothing to make: one open, one close; "/" needs none', () => {
  const { kernel, calls } = kernelWith(() => 1);
  applyMissingDirectory(kernel, root, '/', '/process/cwd');
  expect(calls).toEqual([]);
  applyMissingDirectory(kernel, root, '/a', '/process/cwd');
  expect(calls.map(([name]) => name)).toEqual(['openat2OrErrno', 'close']);
});

test('a read-only image says so, and leaves no descriptor', () => {
  const { kernel, calls } = kernelWith(() => 'ENOENT', { mkdir: 'EROFS' });
  expect(() => applyMissingDirectory(kernel, root, '/a', '/process/cwd')).toThrow(
    /\/process\/cwd: \/a: read-only.*image/,
  );
  expect(calls.filter(([name]) => name === 'close')).toHaveLength(1);
});
