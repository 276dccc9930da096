import { beforeEach, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import type { Kernel, SeccompProgramRequest } from '../kernel/kernel.ts';
import type { Seccomp } from '../spec/generated/config-types.ts';
import { createFakeKernel, type FakeKernel } from '../testing/fake-kernel.ts';
import { loadSeccompProgram } from './run-seccomp-compile.ts';

const profile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: [{ names: ['read', 'nonsense'], action: 'SCMP_ACT_ALLOW' }],
} as unknown as Seccomp;

/** Stands for SHA-256: 64 digits that depend on every byte. */
function digest(data: string | Uint8Array): string {
  const bytes = typeof data === 'string' ? Array.from(data, (letter) => letter.charCodeAt(0)) : Array.from(data);
  const hash = bytes.reduce((sum, byte) => Math.imul(sum ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
  return hash.toString(16).padStart(8, '0').repeat(8);
}

let fake: FakeKernel;
let kernel: Kernel;
let root: Fd<'host'>;
let compiled: SeccompProgramRequest[];

beforeEach(() => {
  fake = createFakeKernel({ files: { state: {} } });
  compiled = [];
  kernel = {
    ...fake.kernel,
    architecture: 'x86_64',
    buildInfo: { version: '1', commit: 'c', quickjs: '' },
    sha256: digest,
    seccompCompile: (request) => {
      compiled.push(request);
      return { program: new Uint8Array([6, 0, 0, 0, 1, 2, 3, 4]), unknown: ['nonsense'] };
    },
    seccompResolveName: (_, name) => (name === 'read' ? 0 : -1),
  };
  root = kernel.openat2(cwdFd, '/state', 0, 0, 0);
});

const load = (from: Seccomp = profile) => loadSeccompProgram(kernel, from, root);

function cacheFile(): string {
  const directory = kernel.openat2(root, '.cache/seccomp', 0, 0, 0);
  const names = kernel.readDirectory(directory).filter((name) => !name.startsWith('.'));
  kernel.close(directory);
  expect(names.length).toBe(1);
  return `.cache/seccomp/${names[0]}`;
}

test('a profile is compiled once; the second load takes it from the cache, with four calls', () => {
  const first = load();
  expect(first.flags).toBe(4);
  expect(first.program.length).toBeGreaterThan(8);
  const from = fake.trace.length;
  const second = load();
  expect(second).toEqual(first);
  expect(compiled.length).toBe(1);
  const names = fake.trace.slice(from).map((line) => line.split('(')[0]);
  expect(names.filter((name) => !['seccompVersion', 'geteuid'].includes(name ?? ''))).toEqual([
    'openat2OrErrno',
    'fstat',
    'read',
    'close',
  ]);
});

test('another profile has another file', () => {
  load();
  load({ ...profile, defaultErrnoRet: 5 });
  expect(compiled.map(({ defaultAction }) => defaultAction)).toEqual([0x00050001, 0x00050005]);
});

test.each<readonly [string, (content: Uint8Array) => Uint8Array]>([
  ['torn', (content) => content.slice(0, content.length - 8)],
  ['cut within an instruction', (content) => content.slice(0, content.length - 3)],
  ['empty', () => new Uint8Array()],
  ['with one bit changed', (content) => content.map((byte, index) => (index === 70 ? byte ^ 1 : byte))],
])('a file that is %s is compiled anew', (_, damage) => {
  const first = load();
  const path = cacheFile();
  const file = kernel.openat2(root, path, 0, 0, 0);
  const content = kernel.read(file, 1 << 16);
  kernel.close(file);
  const again = kernel.openat2(root, path, 1 | 0o1000, 0, 0);
  kernel.write(again, damage(content));
  kernel.close(again);
  expect(load()).toEqual(first);
  expect(compiled.length).toBe(2);
  expect(load()).toEqual(first);
  expect(compiled.length).toBe(2);
});

test('a file that others may write is not trusted', () => {
  load();
  const file = kernel.openat2(root, cacheFile(), 1, 0, 0);
  kernel.fchmod(file, 0o622);
  kernel.close(file);
  load();
  expect(compiled.length).toBe(2);
});

test('a cache that cannot be written costs nothing but time', () => {
  const denied = () => {
    throw new RuntimeError({ kind: 'kernel', errno: 'ENOSPC', syscall: 'write' });
  };
  kernel = { ...kernel, write: denied };
  expect(load().program.length).toBeGreaterThan(8);
  expect(load().program.length).toBeGreaterThan(8);
  expect(compiled.length).toBe(2);
});

test('without a root nothing is cached', () => {
  loadSeccompProgram(kernel, profile, undefined);
  loadSeccompProgram(kernel, profile, undefined);
  expect(compiled.length).toBe(2);
});

test('a filter listens when a rule asks for it, compiled or from the cache; a path alone means nothing', () => {
  const rules = [{ names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' as const }];
  const flags = ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV' as const];
  for (let time = 0; time < 2; time++) {
    expect(load({ ...profile, flags, syscalls: rules })).toMatchObject({ listens: true, flags: 32 });
    expect(load({ ...profile, flags, listenerPath: '/run/x' })).toMatchObject({ listens: false, flags: 0 });
  }
  expect(compiled.length).toBe(2);
});

test('a filter that the kernel would not take is named', () => {
  kernel = { ...kernel, seccompCompile: () => ({ program: new Uint8Array(8 * 4096), unknown: [] }) };
  expect(() => load()).toThrow(/\/linux\/seccomp\/syscalls.*the kernel takes 4096/);
});

test('what the library refuses points at the profile', () => {
  kernel = {
    ...kernel,
    seccompCompile: () => {
      throw new RuntimeError({ kind: 'spec', message: 'rule 0: read: EINVAL' });
    },
  };
  expect(() => load()).toThrow('prepare the seccomp filter: /linux/seccomp: rule 0: read: EINVAL');
});
