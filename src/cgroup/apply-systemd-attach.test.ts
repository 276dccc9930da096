import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { type Asked, dbusError, dbusReturn, fakeDbus } from '../testing/fake-dbus.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { type AttachTarget, attachToUnit } from './apply-systemd-attach.ts';

const identity = { path: '/user.slice/runc-web.scope', inode: 77, createdParents: [] };
const target: AttachTarget = {
  unit: { name: 'runc-web.scope', manager: 'user' },
  identity,
  subPaths: [],
  initPid: 10,
};

interface World {
  /** What systemd says to each attempt: an error's name of D-Bus, or nothing. */
  readonly refusals?: readonly (string | undefined)[];
  /** "0::" of init, and of the process after it was moved. */
  readonly cgroups?: { readonly init: string; readonly process: string };
  readonly inode?: number;
  readonly environment?: readonly string[];
}

function attach(world: World, change: Partial<AttachTarget> = {}, isOptional = false) {
  const { refusals = [], cgroups, inode = 77, environment = ['XDG_RUNTIME_DIR=/run/user/7'] } = world;
  const attempts: unknown[] = [];
  const answer = (asked: Asked): readonly Uint8Array[] => {
    if (asked.member === 'Hello') return [dbusReturn(asked, 's', ':1.5')];
    if (asked.member === 'AddMatch') return [];
    if (asked.member === 'GetConnectionUnixProcessID') return [dbusReturn(asked, 'u', 50)];
    const refusal = refusals[attempts.length];
    attempts.push([asked.member, ...asked.arguments]);
    return [refusal === undefined ? dbusReturn(asked, '') : dbusError(asked, refusal, 'systemd says no')];
  };
  const bus = fakeDbus({ welcome: 'OK 0123\r\n', answer });
  const texts = new Map([
    ['/proc/10/cgroup', `0::${cgroups?.init ?? identity.path}\n`],
    ['/proc/42/cgroup', `0::${cgroups?.process ?? identity.path}\n`],
  ]);
  const { kernel } = stubKernel({
    ...bus.methods,
    readlinkat: () => 'user:[4026531837]',
    getpid: () => 50,
    geteuid: () => 7,
    environ: () => environment,
    openat2: ((_: Fd, path: string) => new Fd(20, path)) as never,
    openat2OrErrno: ((_: Fd, path: string) => new Fd(21, path)) as never,
    readAll: (file: Fd) => texts.get(file.path) ?? '',
    fstat: (() => ({ ino: BigInt(inode) })) as never,
    close: () => {},
  });
  const root = new Fd<'cgroup'>(3, '/sys/fs/cgroup');
  let failure = '';
  try {
    attachToUnit(kernel, root, { ...target, ...change }, { pid: 42, isOptional });
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    failure = error.message;
  }
  return { attempts, failure };
}

const asked = (path: string) => ['AttachProcessesToUnit', 'runc-web.scope', path, [42]];
const busy = 'System.Error.EBUSY';

test("into the container's own cgroup", () => {
  expect(attach({})).toEqual({ attempts: [asked('')], failure: '' });
});

test("below the unit's", () => {
  const path = '/user.slice/runc-web.scope/sub/inner';
  const below = { identity: { ...identity, path } };
  expect(attach({ cgroups: { init: path, process: path } }, below)).toEqual({
    attempts: [asked('/sub/inner')],
    failure: '',
  });
  const init = `${path}/payload`;
  expect(attach({ refusals: [busy], cgroups: { init, process: init } }, below)).toEqual({
    attempts: [asked('/sub/inner'), asked('/sub/inner/payload')],
    failure: '',
  });
});

test('into one below it', () => {
  const cgroups = { init: identity.path, process: `${identity.path}/a/b` };
  expect(attach({ cgroups }, { subPaths: ['a//b'] })).toEqual({ attempts: [asked('/a/b')], failure: '' });
});

test('where init is, when its own takes no process any more', () => {
  const cgroups = { init: `${identity.path}/init`, process: `${identity.path}/init` };
  expect(attach({ refusals: [busy], cgroups })).toEqual({ attempts: [asked(''), asked('/init')], failure: '' });
  // Not where somebody has asked for another.
  expect(attach({ refusals: [busy], cgroups }, { subPaths: ['a'] }).attempts).toEqual([asked('/a')]);
});

describe('what goes wrong is told, or left where it is', () => {
  const away = { init: identity.path, process: '/system.slice/other' };
  test.each<[string, World, string]>([
    ['systemd refuses', { refusals: [busy] }, `AttachProcessesToUnit: systemd says no (${busy})`],
    ['it says yes and does nothing', { cgroups: away }, 'put the process into the cgroup /system.slice/other'],
    ['another path that begins so', { cgroups: { ...away, process: `${identity.path}x` } }, "not the container's"],
    ['a unit of the same name', { inode: 78 }, 'its cgroup is gone'],
    ['no manager', { environment: [] }, 'no systemd user manager found'],
  ])('%s', (_, world, expected) => {
    const { failure } = attach(world);
    expect(failure).toContain(expected);
    expect(failure).toMatch(/^(put the process into the container's cgroup|attach to the systemd unit)/);
    expect(attach(world, {}, true).failure).toBe('');
  });
});
