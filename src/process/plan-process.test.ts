/** Defaults, numbers and the environment of a process. [spec config.md#process] */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Process, RlimitType } from '../spec/config-types.ts';
import { planProcess } from './plan-process.ts';

const plain: Process = { cwd: '/', args: ['sh'] };

test('what is not said', () => {
  expect(planProcess(plain, '/process')).toEqual({
    args: ['sh'],
    env: [],
    homeMissing: true,
    searchPath: '',
    cwd: '/',
    uid: 0,
    gid: 0,
    additionalGids: [],
    umask: 0o022,
    rlimits: [],
    oomScoreAdj: undefined,
    terminal: false,
    consoleSize: undefined,
    noNewPrivileges: false,
    pointer: '/process',
  });
});

describe('environment', () => {
  test.each([
    { env: ['A=1', 'B=2'], want: ['A=1', 'B=2'], home: true, path: '' },
    { env: ['A=1', 'B=2', 'A=3'], want: ['B=2', 'A=3'], home: true, path: '' },
    { env: ['HOME=/root', 'PATH=/bin'], want: ['HOME=/root', 'PATH=/bin'], home: false, path: '/bin' },
    { env: ['HOME='], want: [], home: true, path: '' },
    { env: ['HOME=/a', 'HOME='], want: [], home: true, path: '' },
    { env: ['PATH=/a', 'PATH=/b'], want: ['PATH=/b'], home: true, path: '/b' },
    { env: ['A==x=y', 'LD_PRELOAD=/x'], want: ['A==x=y', 'LD_PRELOAD=/x'], home: true, path: '' },
    { env: ['__proto__=x', 'constructor=y'], want: ['__proto__=x', 'constructor=y'], home: true, path: '' },
  ])('$env', ({ env, want, home, path }) => {
    const plan = planProcess({ ...plain, env }, '/process');
    expect(plan.env).toEqual(want);
    expect(plan.homeMissing).toBe(home);
    expect(plan.searchPath).toBe(path);
  });

  test.each([
    { entry: 'NOEQUALS', why: "missing '='" },
    { entry: '=value', why: 'name cannot be empty' },
    { entry: 'A=\0', why: 'contains NUL' },
    { entry: '', why: "missing '='" },
  ])('refuses $entry', ({ entry, why }) => {
    let caught: unknown;
    try {
      planProcess({ ...plain, env: ['OK=1', entry] }, '/process');
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(RuntimeError);
    const { fields, message } = caught as RuntimeError;
    expect(fields.pointer).toBe('/process/env/1');
    expect(message).toContain(why);
  });
});

describe('limits', () => {
  const infinity = 18446744073709551615n;
  test.each<[RlimitType, number | bigint, number, boolean]>([
    ['RLIMIT_NOFILE', 1024, 7, false],
    ['RLIMIT_NOFILE', 1023, 7, true],
    ['RLIMIT_NOFILE', 0, 7, true],
    ['RLIMIT_AS', infinity, 9, false],
    ['RLIMIT_AS', 1 << 20, 9, true],
    ['RLIMIT_DATA', 0, 2, true],
    ['RLIMIT_FSIZE', 0, 1, true],
    ['RLIMIT_CPU', 1, 0, true],
    ['RLIMIT_NPROC', 512, 6, true],
    ['RLIMIT_STACK', 8388608, 3, false],
    ['RLIMIT_STACK', 65536, 3, true],
    ['RLIMIT_CORE', 0, 4, false],
    ['RLIMIT_MEMLOCK', 0, 8, false],
    ['RLIMIT_RTTIME', 0, 15, false],
  ])('%s %s', (type, soft, resource, deferred) => {
    const plan = planProcess({ ...plain, rlimits: [{ type, soft, hard: infinity }] }, '/process');
    expect(plan.rlimits).toEqual([
      { name: type, resource, soft, hard: infinity, pointer: '/process/rlimits/0', deferred },
    ]);
  });
});

test.each([
  { terminal: false, size: { height: 10, width: 20 }, want: undefined },
  { terminal: true, size: { height: 10, width: 20 }, want: { rows: 10, columns: 20 } },
  { terminal: true, size: { height: 0, width: 0 }, want: undefined },
])('console size: terminal $terminal, $size', ({ terminal, size, want }) => {
  expect(planProcess({ ...plain, terminal, consoleSize: size }, '').consoleSize).toEqual(want);
});

test('a umask of 0 is not the default', () => {
  expect(planProcess({ ...plain, user: { uid: 1, gid: 2, umask: 0 } }, '').umask).toBe(0);
});
