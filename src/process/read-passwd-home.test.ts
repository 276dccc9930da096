/** HOME from a file that belongs to an attacker. [security.md section 3, row 46] */
import { expect, test } from 'vitest';
import { encodeUtf8 } from '../base/utf8.ts';
import { Fd } from '../kernel/fd.ts';
import { O_NONBLOCK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFREG } from '../kernel/flags.ts';
import type { Stat } from '../kernel/kernel.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { parsePasswdHome } from './parse-passwd-home.ts';
import { readPasswdHome } from './read-passwd-home.ts';

const passwd = 'root:x:0:0:root:/root:/bin/sh\n#u:x:9:9::/comment:\nu:x:1000:1000:U:/home/u:\nv:x:1000:1:V:/home/v:\n';

test.each([
  [0, '/root'],
  [1000, '/home/u'],
  [1, '/'],
  [9, '/'],
  [10, '/'],
])('uid %i', (uid, home) => {
  expect(parsePasswdHome(passwd, uid)).toBe(home);
});

test.each([
  ['a gid is no uid', 'a:x:5:7:::', 7],
  ['a password is no uid', 'a:7:5:5::/x:', 7],
  ['a name is no uid', '7:x:5:5::/x:', 7],
  ['too few fields', 'a:x:7:', 7],
  ['no home', 'a:x:7:7:G::', 7],
  ['garbage is not root', 'garbage\n', 0],
  ['the needle in another line', 'a:x:5:5:\n:7:7:/x', 7],
])('%s', (_, text, uid) => {
  expect(parsePasswdHome(text, uid)).toBe('/');
});

test('the last line needs no newline', () => {
  expect(parsePasswdHome('a:x:7:7:G:/h:', 7)).toBe('/h');
});

const root = new Fd<'root'>(10, '/');
const fileOf = (mode: number, bytes: Uint8Array, size = bytes.length) => {
  let at = 0;
  return stubKernel({
    openat2OrErrno: (() => new Fd<'root'>(11, '/etc/passwd')) as never,
    fstat: () => ({ mode, size }) as Stat,
    read(_fd, lengthBytes) {
      const part = bytes.slice(at, at + lengthBytes);
      at += part.length;
      return part;
    },
    close: () => undefined,
  });
};

test('a regular file, opened so that it cannot block', () => {
  const { kernel, calls } = fileOf(S_IFREG, encodeUtf8(`${'x:x:1:1:::\n'.repeat(3000)}u:x:7:7::/home/ü:\n`));
  expect(readPasswdHome(kernel, root, 7)).toBe('/home/ü');
  expect(calls[0]?.[3]).toBe(O_NONBLOCK);
  expect(calls.at(-1)?.[0]).toBe('close');
});

test('names in Latin-1 hide nobody', () => {
  const bytes = Uint8Array.from('a:x:1:1:J\xfcrgen:/a:\nu:x:7:7:U:/u:\n', (each) => each.charCodeAt(0));
  expect(readPasswdHome(fileOf(S_IFREG, bytes).kernel, root, 7)).toBe('/u');
});

test.each([
  ['fifo', S_IFIFO, 0],
  ['device', S_IFCHR, 0],
  ['directory', S_IFDIR, 10],
  ['more than 1 MiB', S_IFREG, 1024 * 1024 + 1],
])('%s: not read at all', (_, mode, size) => {
  const { kernel, calls } = fileOf(mode, encodeUtf8(passwd), size);
  expect(readPasswdHome(kernel, root, 0)).toBe('/');
  expect(calls.map(([name]) => name)).toEqual(['openat2OrErrno', 'fstat', 'close']);
});

test('no file', () => {
  expect(readPasswdHome(stubKernel({ openat2OrErrno: () => 'ENOENT' }).kernel, root, 0)).toBe('/');
});
