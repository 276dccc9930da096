import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import type { Stat } from '../kernel/kernel.ts';
import {
  type Asked,
  dbusError,
  dbusJobRemoved,
  dbusReturn,
  type FakeDbusOptions,
  fakeDbus,
} from '../testing/fake-dbus.ts';
import { stubKernel } from '../testing/stub-kernel.ts';
import { stopRecordedUnit } from './apply-systemd-cgroup.ts';
import { findSystemdRun, startSystemdUnit, stopSystemdRun } from './apply-systemd-unit.ts';
import { checkPidNamespace, readSystemdManager, runOpenSystemd } from './run-systemd-session.ts';
import type { SystemdManager, SystemdUnitPlan } from './systemd-unit.ts';

const unit: SystemdUnitPlan = {
  name: 'runc-web.scope',
  isSlice: false,
  slice: 'system.slice',
  manager: 'system',
  properties: [{ name: 'TasksMax', value: { signature: 't', value: 5n } }],
};
const job = '/org/freedesktop/systemd1/job/12';
const invocation = Uint8Array.from({ length: 16 }, (_, index) => index * 16);
const run = { path: '/org/freedesktop/systemd1/unit/00102030405060708090a0b0c0d0e0f0' };

/** A systemd that does everything. */
function obey(asked: Asked): readonly Uint8Array[] {
  switch (asked.member) {
    case 'Hello':
      return [dbusReturn(asked, 's', ':1.5')];
    case 'AddMatch':
      return [];
    case 'Get':
      if (asked.arguments[1] === 'InvocationID')
        return [dbusReturn(asked, 'v', { signature: 'ay', value: invocation })];
      return [dbusReturn(asked, 'v', { signature: 's', value: '257.3-1' })];
    case 'GetUnit':
      return [dbusReturn(asked, 'o', '/org/freedesktop/systemd1/unit/runc_2dweb_2escope')];
    case 'StartTransientUnit':
    case 'Stop':
      return [
        dbusJobRemoved('/org/freedesktop/systemd1/job/11', 'other.service', 'failed'),
        dbusReturn(asked, 'o', job),
        dbusJobRemoved(job, unit.name, 'done'),
      ];
    default:
      return [dbusReturn(asked, '')];
  }
}

function systemd(
  options: Partial<FakeDbusOptions> = {},
  environment: readonly string[] = [],
  uid = 0,
  more: Parameters<typeof stubKernel>[0] = {},
) {
  const bus = fakeDbus({ welcome: 'OK 0123\r\n', answer: obey, ...options });
  const { kernel, calls } = stubKernel({
    ...bus.methods,
    openat2OrErrno: () => new Fd(9, '/run/systemd/system'),
    readlinkat: () => 'user:[4026531837]',
    getpid: () => 50,
    geteuid: () => uid,
    environ: () => environment,
    ...more,
  });
  return { bus, kernel, calls };
}

function start(given: ReturnType<typeof systemd>, plan = unit): string[] {
  const events: string[] = [];
  const session = runOpenSystemd(given.kernel, 'system');
  startSystemdUnit(given.kernel, session, plan, { pid: 42, onAccepted: () => events.push('accepted') });
  return events;
}

function errorOf(run: () => unknown): RuntimeError {
  try {
    run();
  } catch (error) {
    if (error instanceof RuntimeError) return error;
    throw error;
  }
  throw new Error('it succeeded');
}

test('a unit is started with its process', () => {
  const given = systemd();
  expect(start(given)).toEqual(['accepted']);
  expect(given.bus.greeting()).toBe('\0AUTH EXTERNAL 30\r\nBEGIN\r\n');
  expect(given.bus.asked.map(({ member }) => member)).toEqual(['Hello', 'AddMatch', 'StartTransientUnit']);
  expect(given.bus.asked[2]?.arguments).toEqual([
    'runc-web.scope',
    'replace',
    [
      ['TasksMax', { signature: 't', value: 5n }],
      ['PIDs', { signature: 'au', value: [42] }],
    ],
    [],
  ]);
});

test('byte by byte', () => {
  expect(start(systemd({ chunkBytes: 1 }))).toEqual(['accepted']);
});

test('the signal may come before the answer', () => {
  const answer = (asked: Asked) => (asked.member === 'StartTransientUnit' ? [...obey(asked)].reverse() : obey(asked));
  expect(start(systemd({ answer }))).toEqual(['accepted']);
});

test('a slice is given no process', () => {
  const given = systemd();
  start(given, { ...unit, name: 'a.slice', isSlice: true });
  expect(given.bus.asked[2]?.arguments[2]).toEqual([['TasksMax', { signature: 't', value: 5n }]]);
});

test('an old systemd is not told what it does not know', () => {
  const value = { signature: 't', value: 1n };
  const properties = [
    { name: 'Old', value, since: 257 },
    { name: 'New', value, since: 258 },
  ];
  const given = systemd();
  start(given, { ...unit, properties });
  const list = (given.bus.asked.at(-1)?.arguments[2] ?? []) as readonly (readonly string[])[];
  expect(list.map(([name]) => name)).toEqual(['Old', 'PIDs']);
});

test("another user namespace: the kernel's word about who we are", () => {
  const bus = fakeDbus({ welcome: 'DATA\r\nOK 1\r\n', answer: obey });
  const { kernel } = stubKernel({
    ...bus.methods,
    readlinkat: () => 'user:[4026532000]',
    environ: () => ['XDG_RUNTIME_DIR=/run/user/7'],
  });
  runOpenSystemd(kernel, 'user');
  expect(bus.greeting()).toBe('\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n');
});

describe('which socket', () => {
  const paths = (manager: SystemdManager, environment: readonly string[]): readonly string[] => {
    const tried: string[] = [];
    const connect = (path: string) => {
      tried.push(path);
      return 'ENOENT';
    };
    expect(errorOf(() => runOpenSystemd(systemd({ connect }, environment).kernel, manager)).message).toContain(
      'cannot use systemd cgroups manager',
    );
    return tried;
  };

  test.each<[SystemdManager, readonly string[], readonly string[]]>([
    ['system', [], ['/run/dbus/system_bus_socket', '/run/systemd/private']],
    ['system', ['DBUS_SYSTEM_BUS_ADDRESS=unix:path=/a'], ['/a', '/run/systemd/private']],
    ['user', [], []],
    ['user', ['XDG_RUNTIME_DIR=/run/user/7'], ['/run/user/7/bus', '/run/user/7/systemd/private']],
    ['user', ['XDG_RUNTIME_DIR='], []],
    [
      'user',
      ['DBUS_SESSION_BUS_ADDRESS=unix:path=/b;unix:path=/c', 'XDG_RUNTIME_DIR=/run/user/7'],
      ['/b', '/c', '/run/user/7/bus', '/run/user/7/systemd/private'],
    ],
  ])('%s %j', (manager, environment, expected) => {
    expect(paths(manager, environment)).toEqual(expected);
  });

  test("systemd's own socket is neither greeted nor asked for signals", () => {
    const given = systemd({ connect: (path) => (path.endsWith('bus_socket') ? 'ECONNREFUSED' : undefined) });
    start(given);
    expect(given.bus.asked.map(({ member }) => member)).toEqual(['StartTransientUnit']);
  });

  test('a host without systemd', () => {
    const { kernel } = stubKernel({ openat2OrErrno: () => 'ENOENT' });
    expect(errorOf(() => runOpenSystemd(kernel, 'system')).message).toContain('systemd not running on this host');
  });
});

test.each([
  [50, undefined],
  [7, 'another pid namespace'],
])('the bus sees us as process %i', (pid, expected) => {
  const answer = (asked: Asked) =>
    asked.member === 'GetConnectionUnixProcessID' ? [dbusReturn(asked, 'u', pid)] : obey(asked);
  const { kernel, bus } = systemd({ answer });
  const check = () => checkPidNamespace(kernel, runOpenSystemd(kernel, 'system'));
  if (expected === undefined) expect(check()).toBeUndefined();
  else expect(errorOf(check).message).toContain(expected);
  expect(bus.asked.at(-1)?.arguments).toEqual([':1.5']);
});

describe('who manages', () => {
  const managerOf = (rootless: 'true' | 'false' | 'auto', euid: number, namespace: number, map = '') => {
    const { kernel } = stubKernel({
      geteuid: () => euid,
      readlinkat: () => `user:[${namespace}]`,
      openat2: (() => new Fd(9, 'uid_map')) as never,
      readAll: () => map,
      close: () => {},
    });
    return readSystemdManager(kernel, rootless);
  };

  test.each([
    ['true', 0, 4026531837, '', 'user'],
    ['false', 1000, 4026531837, '', 'system'],
    ['auto', 0, 4026531837, '', 'system'],
    ['auto', 1000, 4026531837, '', 'user'],
    ['auto', 0, 4026532000, '         0       1000          1\n', 'user'],
    ['auto', 0, 4026532000, '         0          0 4294967295\n', 'system'],
  ] as const)('--rootless=%s, uid %i in %i', (rootless, euid, namespace, map, expected) => {
    expect(managerOf(rootless, euid, namespace, map)).toBe(expected);
  });
});

describe('what goes wrong', () => {
  const refusing =
    (name: string, text: string, members = ['StartTransientUnit']) =>
    (asked: Asked) =>
      members.includes(asked.member) ? [dbusError(asked, name, text)] : obey(asked);

  test("systemd's error is told with its name", () => {
    const answer = refusing('org.freedesktop.DBus.Error.AccessDenied', 'Permission denied');
    const { message } = errorOf(() => start(systemd({ answer })));
    expect(message).toContain('start the systemd unit runc-web.scope');
    expect(message).toContain('Permission denied (org.freedesktop.DBus.Error.AccessDenied)');
    expect(message).toContain('only root');
  });

  test('a unit that exists is reset once, and then it is an error; it is not ours', () => {
    const answer = refusing('org.freedesktop.systemd1.UnitExists', 'Unit runc-web.scope was already loaded.');
    const given = systemd({ answer });
    const events: string[] = [];
    const session = runOpenSystemd(given.kernel, 'system');
    const run = () =>
      startSystemdUnit(given.kernel, session, unit, { pid: 42, onAccepted: () => events.push('accepted') });
    expect(errorOf(run).message).toContain('another container or service has this unit');
    expect(events).toEqual([]);
    expect(given.bus.asked.slice(2).map(({ member }) => member)).toEqual([
      'StartTransientUnit',
      'ResetFailedUnit',
      'StartTransientUnit',
    ]);
  });

  test('the rest of a failed unit makes way', () => {
    let failed = true;
    const answer = (asked: Asked) => {
      if (asked.member === 'ResetFailedUnit') failed = false;
      return asked.member === 'StartTransientUnit' && failed
        ? [dbusError(asked, 'org.freedesktop.systemd1.UnitExists', 'x')]
        : obey(asked);
    };
    expect(start(systemd({ answer }))).toEqual(['accepted']);
  });

  test('a job that fails', () => {
    const answer = (asked: Asked) =>
      asked.member === 'StartTransientUnit'
        ? [dbusReturn(asked, 'o', job), dbusJobRemoved(job, unit.name, 'canceled')]
        : obey(asked);
    expect(errorOf(() => start(systemd({ answer }))).message).toContain('result is "canceled"');
  });

  test.each([
    'org.freedesktop.systemd1.NoSuchUnit',
    'org.freedesktop.systemd1.NoUnitForInvocationID',
    'org.freedesktop.DBus.Error.UnknownObject',
  ])('stopping what is gone is no error: %s', (error) => {
    const { kernel } = systemd({ answer: refusing(error, 'not loaded', ['Stop', 'ResetFailed']) });
    expect(stopSystemdRun(kernel, runOpenSystemd(kernel, 'system'), unit.name, run)).toBeUndefined();
  });

  test('stopping waits for the job and forgets the unit; both are asked of that run, not of the name', () => {
    const given = systemd();
    stopSystemdRun(given.kernel, runOpenSystemd(given.kernel, 'system'), unit.name, run);
    expect(given.bus.asked.slice(2).map(({ path, member }) => [path, member])).toEqual([
      [run.path, 'Stop'],
      [run.path, 'ResetFailed'],
    ]);
  });

  test.each<[string, (asked: Asked) => readonly Uint8Array[], object | undefined]>([
    ['runs', obey, run],
    ['is not there', refusing('org.freedesktop.systemd1.NoSuchUnit', 'not loaded', ['GetUnit']), undefined],
    ['is forgotten just then', refusing('org.freedesktop.DBus.Error.UnknownObject', 'gone', ['Get']), undefined],
    [
      'has never run',
      (asked) =>
        asked.member === 'Get' ? [dbusReturn(asked, 'v', { signature: 'ay', value: new Uint8Array() })] : obey(asked),
      undefined,
    ],
  ])('a unit that %s', (_name, answer, expected) => {
    const { kernel } = systemd({ answer });
    expect(findSystemdRun(kernel, runOpenSystemd(kernel, 'system'), unit.name)).toEqual(expected);
  });

  /** By the cgroup's inode: 7 was ours. */
  test.each<[string, number | undefined, number]>([
    ['ours', 7, 7],
    ['ours, and systemd has removed its cgroup already', undefined, 7],
    ["somebody else's by now", 8, 7],
  ])('the unit of a recorded container: %s', (_name, found, recorded) => {
    const known: string[] = [];
    const { bus, kernel } = systemd({}, [], 0, {
      statxOrErrno: () => {
        known.push(...bus.asked.map(({ member }) => member));
        return found === undefined ? 'ENOENT' : ({ ino: found } as unknown as Stat);
      },
    });
    const cgroup = { path: '/system.slice/runc-web.scope', inode: recorded, createdParents: [] };
    const root = new Fd<'cgroup'>(8, '/sys/fs/cgroup');
    expect(
      stopRecordedUnit(kernel, root, { unit: { name: unit.name, manager: 'system' }, cgroup }, 10),
    ).toBeUndefined();
    // What gets the name after the look at the cgroup is not what was found before it.
    expect(known.slice(2)).toEqual(['GetUnit', 'Get']);
    const stops = bus.asked.filter(({ member }) => member === 'Stop' || member === 'StopUnit');
    expect(stops.map(({ path }) => path)).toEqual(found === 8 ? [] : [run.path]);
  });

  test.each<[string, { readonly sub?: number; readonly unit?: number }, boolean]>([
    ['ours', { sub: 7, unit: 5 }, true],
    ['ours, and systemd has removed all of it', {}, true],
    ["somebody else's, with a cgroup of the same name below", { sub: 8, unit: 5 }, false],
    ["somebody else's, with nothing below", { unit: 5 }, false],
  ])('the unit of a container in a cgroup below it: %s', (_name, found, expected) => {
    const { bus, kernel } = systemd({}, [], 0, {
      statxOrErrno: (_root, path) => {
        const ino = path.endsWith('/sub') ? found.sub : found.unit;
        return ino === undefined ? 'ENOENT' : ({ ino } as unknown as Stat);
      },
    });
    const cgroup = { path: '/system.slice/runc-web.scope/sub', inode: 7, createdParents: [] };
    const root = new Fd<'cgroup'>(8, '/sys/fs/cgroup');
    stopRecordedUnit(kernel, root, { unit: { name: unit.name, manager: 'system' }, cgroup }, 10);
    expect(bus.asked.some(({ member }) => member === 'Stop')).toBe(expected);
  });

  /** Each way of never answering costs the deadline, no more, and leaves no socket open before a session is there. */
  test.each<[string, Partial<FakeDbusOptions>]>([
    ['says nothing to the greeting', { welcome: undefined }],
    ['has a full queue', { connect: () => 'EAGAIN' }],
    ['never answers Hello', { answer: () => [] }],
    ['never answers the call', { answer: (asked) => (asked.member === 'StartTransientUnit' ? [] : obey(asked)) }],
    [
      'never ends the job',
      { answer: (asked) => (asked.member === 'StartTransientUnit' ? [dbusReturn(asked, 'o', job)] : obey(asked)) },
    ],
    [
      'talks of other jobs for ever',
      {
        answer: (asked) => (asked.member === 'StartTransientUnit' ? [] : obey(asked)),
        noise: () => dbusJobRemoved('/other', 'other.service', 'done'),
      },
    ],
    ['stops in the middle of a message', { answer: (asked) => [(obey(asked)[0] ?? new Uint8Array(0)).slice(0, 20)] }],
  ])('a bus that %s', (_name, options) => {
    const given = systemd(options);
    const { message } = errorOf(() => start(given));
    expect(message).toContain('timed out');
    expect(message).toContain('/run/dbus/system_bus_socket');
    expect(given.bus.waited()).toBeLessThan(30_100);
  });

  test.each<[string, Partial<FakeDbusOptions>, string]>([
    ['refuses us', { welcome: 'REJECTED EXTERNAL\r\n' }, 'refused us'],
    ['is no bus', { welcome: 'HTTP/1.1 400 Bad Request\r\n' }, 'refused us'],
    ['greets without end', { welcome: 'x'.repeat(100_000) }, 'does not speak D-Bus'],
    ['sends rubbish', { welcome: `OK\r\n${'y'.repeat(64)}` }, 'not a D-Bus message'],
    ['answers with another type', { answer: (asked) => [dbusReturn(asked, 'u', 1)] }, 'not a D-Bus message'],
  ])('a bus that %s', (_name, options, expected) => {
    expect(errorOf(() => start(systemd(options))).message).toContain(expected);
  });

  test('no descriptor is left open when no session comes of it', () => {
    const given = systemd({ welcome: 'REJECTED\r\n' });
    errorOf(() => runOpenSystemd(given.kernel, 'system'));
    // The directory that tells that systemd runs, and the socket.
    expect(given.calls.filter(([name]) => name === 'close')).toHaveLength(2);
  });
});
