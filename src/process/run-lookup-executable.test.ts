/** args[0] to a path, and the texts that engines map to 126 and 127. [peers.md 3.3] */
import { expect, test } from 'vitest';
import { S_IFDIR, S_IFREG } from '../kernel/flags.ts';
import type { Stat } from '../kernel/kernel.ts';
import type { Process } from '../spec/config-types.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { planProcess } from './plan-process.ts';
import { runLookupExecutable } from './run-lookup-executable.ts';

const files: { [path: string]: Partial<Stat> | string } = {
  '/bin/sh': { mode: S_IFREG | 0o755, uid: 0, gid: 0 },
  '/bin/private': { mode: S_IFREG | 0o700, uid: 0, gid: 0 },
  '/bin/group': { mode: S_IFREG | 0o070, uid: 0, gid: 50 },
  '/bin/mine': { mode: S_IFREG | 0o100, uid: 1000, gid: 0 },
  '/bin/others': { mode: S_IFREG | 0o001, uid: 1000, gid: 0 },
  '/etc/text': { mode: S_IFREG | 0o644, uid: 0, gid: 0 },
  '/etc': { mode: S_IFDIR | 0o755, uid: 0, gid: 0 },
  '/loop': 'ELOOP',
  '/file/x': 'ENOTDIR',
  './here': { mode: S_IFREG | 0o755, uid: 0, gid: 0 },
};

const { kernel } = stubKernel({
  statxOrErrno: (_fd, path) => (files[path] ?? 'ENOENT') as Stat | string,
  faccessat2(_fd, path) {
    const file = files[path];
    return typeof file === 'object' && ((file.mode ?? 0) & 0o111) !== 0 ? undefined : 'EACCES';
  },
});

const lookUp = (name: string, change: Partial<Process> = {}): string =>
  runLookupExecutable(kernel, planProcess({ cwd: '/', args: [name], env: ['PATH=/sbin:/bin'], ...change }, '/process'));

test.each([
  ['sh', '/bin/sh'],
  ['/bin/sh', '/bin/sh'],
  ['./here', './here'],
])('%s', (name, path) => {
  expect(lookUp(name)).toBe(path);
});

test.each([
  ['nope', 'exec: "nope": executable file not found in $PATH'],
  ['', 'exec: "": executable file not found in $PATH'],
  ['/nope', 'exec: "/nope": stat /nope: no such file or directory'],
  ['/etc', 'exec: "/etc": is a directory'],
  ['/etc/text', 'exec: "/etc/text": permission denied'],
  ['/file/x', 'exec: "/file/x": stat /file/x: not a directory'],
  ['/loop', 'exec: "/loop": stat /loop: too many levels of symbolic links'],
])('refuses %j', (name, text) => {
  expect(() => lookUp(name)).toThrow(`/process/args/0: ${text}`);
});

test.each([
  ['no PATH', []],
  ['empty PATH', ['PATH=']],
  ['a PATH without it', ['PATH=/sbin']],
])('%s finds nothing', (_, env) => {
  expect(() => lookUp('sh', { env })).toThrow('executable file not found in $PATH');
});

test('a PATH with an empty element does not run what lies in the working directory', () => {
  expect(() => lookUp('here', { env: ['PATH=/sbin:'] })).toThrow('relative to current directory');
});

test.each([
  { name: '/bin/private', uid: 1000, gid: 1000, groups: [], allowed: false },
  { name: '/bin/private', uid: 0, gid: 0, groups: [], allowed: true },
  { name: '/bin/group', uid: 1000, gid: 50, groups: [], allowed: true },
  { name: '/bin/group', uid: 1000, gid: 1000, groups: [50], allowed: true },
  { name: '/bin/group', uid: 1000, gid: 1000, groups: [51], allowed: false },
  { name: '/bin/mine', uid: 1000, gid: 1000, groups: [], allowed: true },
  { name: '/bin/mine', uid: 1001, gid: 1001, groups: [], allowed: false },
  { name: '/bin/others', uid: 1000, gid: 1000, groups: [], allowed: false },
  { name: '/bin/others', uid: 1001, gid: 1001, groups: [], allowed: true },
])('$name as $uid:$gid $groups', ({ name, uid, gid, groups, allowed }) => {
  const user = { uid, gid, additionalGids: groups };
  if (allowed) expect(lookUp(name, { user })).toBe(name);
  else expect(() => lookUp(name, { user })).toThrow(`exec: "${name}": permission denied`);
});
