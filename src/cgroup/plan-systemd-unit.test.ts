import { describe, expect, test } from 'vitest';
import type { Linux, Resources } from '../spec/generated/config-types.ts';
import type { DbusValue } from './dbus-message.ts';
import { planCgroup } from './plan-cgroup.ts';
import { planSystemdAnnotations, systemdAnnotations } from './plan-systemd-annotations.ts';
import { parseCpuset, planSystemdResources } from './plan-systemd-resources.ts';

const INFINITY = 0xffffffffffffffffn;

/** Without the devices, which have a test of their own. */
function propertiesOf(resources: Resources): Record<string, DbusValue> {
  const list = planSystemdResources(resources).filter(({ name }) => !name.startsWith('Device'));
  return Object.fromEntries(list.map(({ name, value }) => [name, value.value]));
}

/** runc's mapping [peers.md 2.5, resources]. */
test.each<[string, Resources, Record<string, DbusValue>]>([
  ['nothing', {}, {}],
  ['memory', { memory: { limit: 4096, reservation: 2048 } }, { MemoryMax: 4096n, MemoryLow: 2048n }],
  ['memory, unlimited', { memory: { limit: -1 } }, { MemoryMax: INFINITY, MemorySwapMax: INFINITY }],
  ['swap', { memory: { limit: 4096, swap: 6144 } }, { MemoryMax: 4096n, MemorySwapMax: 2048n }],
  ['no swap', { memory: { limit: 4096, swap: 4096 } }, { MemoryMax: 4096n, MemorySwapMax: 0n }],
  ['swap, unlimited', { memory: { limit: 4096, swap: -1 } }, { MemoryMax: 4096n, MemorySwapMax: INFINITY }],
  ['zeros', { memory: { limit: 0, swap: 0, reservation: 0 }, cpu: { shares: 0, quota: 0, period: 0 } }, {}],
  ['shares', { cpu: { shares: 1024 } }, { CPUWeight: 100n }],
  ['idle', { cpu: { idle: 1 } }, { CPUWeight: 0n }],
  ['idle and shares', { cpu: { idle: 1, shares: 512 } }, { CPUWeight: 0n }],
  ['not idle', { cpu: { idle: 0 } }, {}],
  ['quota', { cpu: { quota: 50000 } }, { CPUQuotaPerSecUSec: 500000n }],
  [
    'quota and period',
    { cpu: { quota: 5000, period: 20000 } },
    { CPUQuotaPeriodUSec: 20000n, CPUQuotaPerSecUSec: 250000n },
  ],
  ['quota, rounded up', { cpu: { quota: 12345 } }, { CPUQuotaPerSecUSec: 130000n }],
  ['period alone', { cpu: { period: 20000 } }, { CPUQuotaPeriodUSec: 20000n, CPUQuotaPerSecUSec: INFINITY }],
  ['no quota', { cpu: { quota: -1 } }, { CPUQuotaPerSecUSec: INFINITY }],
  [
    'cpuset',
    { cpu: { cpus: '0-2,8', mems: '1' } },
    { AllowedCPUs: new Uint8Array([7, 1]), AllowedMemoryNodes: new Uint8Array([2]) },
  ],
  ['pids', { pids: { limit: 7 } }, { TasksMax: 7n }],
  ['pids, none', { pids: { limit: 0 } }, { TasksMax: 1n }],
  ['pids, unlimited', { pids: { limit: -1 } }, { TasksMax: INFINITY }],
  [
    'unified memory',
    {
      unified: {
        'memory.high': '1',
        'memory.low': '2',
        'memory.min': '3',
        'memory.max': 'max',
        'memory.swap.max': '0',
      },
    },
    { MemoryHigh: 1n, MemoryLow: 2n, MemoryMin: 3n, MemoryMax: INFINITY, MemorySwapMax: 0n },
  ],
  [
    'unified cpu',
    { unified: { 'cpu.weight': ' 300\n', 'cpu.max': '20000 50000', 'cpuset.cpus': '1', 'cpuset.mems': '0' } },
    {
      CPUWeight: 300n,
      CPUQuotaPeriodUSec: 50000n,
      CPUQuotaPerSecUSec: 400000n,
      AllowedCPUs: new Uint8Array([2]),
      AllowedMemoryNodes: new Uint8Array([1]),
    },
  ],
  ['unified cpu.max', { unified: { 'cpu.max': 'max' } }, { CPUQuotaPeriodUSec: 100000n, CPUQuotaPerSecUSec: INFINITY }],
  ['unified idle', { unified: { 'cpu.idle': '1', 'cpu.weight': '50' } }, { CPUWeight: 0n }],
  ['unified pids', { unified: { 'pids.max': '0' } }, { TasksMax: 1n }],
  ['unified oom', { unified: { 'memory.oom.group': '1' } }, { OOMPolicy: 'kill' }],
  ['unified, no oom', { unified: { 'memory.oom.group': '0' } }, { OOMPolicy: 'continue' }],
  ['files only', { unified: { 'hugetlb.2MB.max': '1', 'misc.max': 'x' }, blockIO: { weight: 10 } }, {}],
])('%s', (_name, resources, expected) => {
  expect(propertiesOf(resources)).toEqual(expected);
});

test.each<[Resources, string]>([
  [{ unified: { 'memory.max': '1G' } }, '/linux/resources/unified/memory.max'],
  [{ unified: { 'memory.max': '99999999999999999999999' } }, '/linux/resources/unified/memory.max'],
  [{ unified: { 'cpu.max': '1 2 3' } }, '/linux/resources/unified/cpu.max'],
  [{ unified: { 'cpu.max': '1 0' } }, '/linux/resources/unified/cpu.max'],
  [{ unified: { 'cpuset.cpus': 'x' } }, '/linux/resources/unified/cpuset.cpus'],
  [{ cpu: { cpus: '3-1' } }, '/linux/resources/cpu/cpus'],
  [{ cpu: { cpus: ',' } }, '/linux/resources/cpu/cpus'],
  [{ cpu: { mems: '0-99999999' } }, '/linux/resources/cpu/mems'],
  [{ cpu: { mems: '-1' } }, '/linux/resources/cpu/mems'],
])('%j is refused', (resources, pointer) => {
  expect(() => planSystemdResources(resources)).toThrow(pointer);
});

test('a mask is as long as its highest bit needs', () => {
  expect(parseCpuset(' 0 , 15-16 ', '')).toEqual(new Uint8Array([1, 128, 1]));
});

test('what old versions do not know is marked', () => {
  const list = planSystemdResources({
    cpu: { idle: 1, period: 5000, cpus: '0' },
    unified: { 'memory.oom.group': '1' },
  });
  const since = list.filter((each) => each.since !== undefined).map((each) => `${each.name} ${each.since}`);
  expect(since).toEqual(['CPUWeight 252', 'CPUQuotaPeriodUSec 242', 'AllowedCPUs 244', 'OOMPolicy 253']);
});

describe('devices', () => {
  const devices = (rules: Resources['devices']) => {
    const [policy, list] = planSystemdResources(rules === undefined ? {} : { devices: rules });
    const entries = (list?.value.value ?? []) as readonly (readonly string[])[];
    return [policy?.value.value, ...entries.map((each) => each.join(' '))];
  };
  const all = { access: 'rwm' } as const;
  const defaults = [
    ...['char-* m', 'block-* m', '/dev/char/1:3 rwm', '/dev/char/1:5 rwm', '/dev/char/1:7 rwm', '/dev/char/1:8 rwm'],
    ...['/dev/char/1:9 rwm', '/dev/char/5:0 rwm', '/dev/char/5:2 rwm', 'char-136 rwm', '/dev/char/10:200 rwm'],
  ];

  test('none and "none but the defaults" are the same', () => {
    expect(devices(undefined)).toEqual(['strict', ...defaults]);
    expect(devices([{ allow: false, ...all }])).toEqual(['strict', ...defaults]);
  });

  test('rules for the same device are one', () => {
    const fuse = { type: 'c', major: 10, minor: 229 } as const;
    expect(
      devices([
        { allow: true, ...fuse, access: 'm' },
        { allow: true, ...fuse, access: 'r' },
        { allow: true, type: 'b', major: 8, access: 'rw' },
      ]),
    ).toEqual(['strict', '/dev/char/10:229 rm', 'block-8 rw', ...defaults]);
  });

  test('what is denied again is not in the list', () => {
    const disk = { type: 'b', major: 8, minor: 1 } as const;
    expect(
      devices([
        { allow: true, ...disk, ...all },
        { allow: false, ...disk, access: 'w' },
      ])[1],
    ).toBe('/dev/block/8:1 rm');
    expect(
      devices([
        { allow: true, ...disk, ...all },
        { allow: false, type: 'b', major: 8, ...all },
      ]),
    ).toEqual(['strict', ...defaults]);
  });

  test.each<[string, Resources['devices']]>([
    ['everything', [{ allow: true, ...all }]],
    [
      'everything but one',
      [
        { allow: true, ...all },
        { allow: false, type: 'b', major: 8, ...all },
      ],
    ],
    [
      'a part of an entry',
      [
        { allow: true, type: 'b', major: 8, ...all },
        { allow: false, type: 'b', major: 8, minor: 1, ...all },
      ],
    ],
    ['one minor of every major', [{ allow: true, type: 'c', minor: 3, ...all }]],
  ])('%s: the program alone decides', (_name, rules) => {
    expect(devices(rules)).toEqual(['auto']);
  });

  test('a rule for everything starts anew', () => {
    expect(
      devices([
        { allow: true, ...all },
        { allow: false, type: 'b', ...all },
        { allow: false, ...all },
      ])[0],
    ).toBe('strict');
  });
});

describe('annotations', () => {
  const plan = (name: string, value: string) => planSystemdAnnotations({ [`org.systemd.property.${name}`]: value });

  test('typed by the table', () => {
    expect(plan('KillSignal', '37')).toEqual([{ name: 'KillSignal', value: { signature: 'i', value: 37 } }]);
    expect(plan('TimeoutStopUSec', '5')).toEqual([{ name: 'TimeoutStopUSec', value: { signature: 't', value: 5n } }]);
    expect(plan('After', "['a.service']")).toEqual([
      { name: 'After', value: { signature: 'as', value: ['a.service'] } },
    ]);
  });

  test('seconds become microseconds', () => {
    expect(plan('TimeoutStopSec', '1.5')).toEqual([
      { name: 'TimeoutStopUSec', value: { signature: 't', value: 1500000n } },
    ]);
  });

  test('others are not ours', () => {
    expect(planSystemdAnnotations({ 'org.example.x': 'y' })).toEqual([]);
    expect(planSystemdAnnotations(undefined)).toEqual([]);
  });

  test.each([
    ...[
      'ExecStopPost',
      'ExecStart',
      'Wants',
      'Requires',
      'Conflicts',
      'OnFailure',
      'User',
      'Slice',
      'Delegate',
      'PIDs',
    ],
    ...[
      'MemoryMax',
      'TasksMax',
      'DeviceAllow',
      'DevicePolicy',
      'toString',
      '__proto__',
      '',
      'KillSec',
      'Sec',
      'BPFProgram',
    ],
  ])('%s is refused', (name) => {
    const annotations = JSON.parse(`{${JSON.stringify(`org.systemd.property.${name}`)}: "true"}`);
    expect(() => planSystemdAnnotations(annotations)).toThrow(`/annotations/org.systemd.property.${name}`);
  });

  test.each([
    ['Description', '"x\\nOnSuccess=poweroff.target"'],
    ['Description', "'x\nOnSuccess=poweroff.target'"],
    ['After', "['a.service', 'b.service\\n[Scope]']"],
    ['KillMode', "'none\\r'"],
  ])('a second line would be another property at the next daemon-reload: %s %j', (name, text) => {
    expect(() => plan(name, text)).toThrow('has a control character');
  });

  test('a value of another type is refused', () => {
    expect(() => plan('KillSignal', "'TERM'")).toThrow('is not a number of type int32');
    expect(() => plan('TimeoutStopSec', 'true')).toThrow('is not a number of seconds');
  });

  test('what features publishes is what is taken', () => {
    expect(systemdAnnotations).toContain('org.systemd.property.TimeoutStopSec');
    for (const key of systemdAnnotations) {
      const values = ['true', '5', "'x'", "['x']"];
      const taken = values.filter((value) => {
        try {
          return planSystemdAnnotations({ [key]: value }).length === 1;
        } catch {
          return false;
        }
      });
      expect(taken.length, key).toBeGreaterThan(0);
    }
  });
});

describe('the plan', () => {
  const plan = (linux: Linux, manager: 'system' | 'user' = 'system', controlGroup = '') =>
    planCgroup({
      id: 'web',
      linux,
      manager: 'systemd',
      systemd: { manager, controlGroup },
      annotations: { 'org.systemd.property.DefaultDependencies': 'true' },
    });
  const names = (linux: Linux) => plan(linux)?.unit?.properties.map(({ name }) => name);

  test('a scope', () => {
    expect(plan({})).toMatchObject({
      path: '/system.slice/runc-web.scope',
      components: ['system.slice', 'runc-web.scope'],
      unit: { name: 'runc-web.scope', slice: 'system.slice', isSlice: false, manager: 'system' },
    });
    expect(names({})).toEqual([
      ...['Description', 'Slice', 'Delegate', 'MemoryAccounting', 'CPUAccounting', 'IOAccounting', 'TasksAccounting'],
      ...['DefaultDependencies', 'DevicePolicy', 'DeviceAllow', 'DefaultDependencies'],
    ]);
  });

  test("below a user's manager", () => {
    const own = '/user.slice/user-7.slice/user@7.service';
    expect(plan({}, 'user', own)?.path).toBe(`${own}/user.slice/runc-web.scope`);
  });

  test('a slice is not delegated', () => {
    expect(names({ cgroupsPath: ':x:pods.slice' })).not.toContain('Delegate');
    expect(names({ cgroupsPath: ':x:pods.slice' })).toContain('Wants');
  });

  test('the files say what systemd says', () => {
    const writes = (resources: Resources) => plan({ resources })?.writes.map(({ file, value }) => `${file} ${value}`);
    expect(writes({ cpu: { quota: 12345 } })).toEqual(['cpu.max 13000 100000']);
    expect(writes({ cpu: { quota: 12345, period: 50000 } })).toEqual(['cpu.max 12500 50000']);
    expect(writes({ cpu: { quota: -1, period: 50000 } })).toEqual(['cpu.max max 50000']);
    expect(writes({ cpu: { idle: 1, shares: 512 } })).toEqual(['cpu.idle 1']);
    expect(writes({ unified: { 'cpu.max': '12345 100000' } })).toEqual(['cpu.max 12345 100000']);
  });

  test('without a config', () => {
    expect(
      planCgroup({ id: 'web', linux: undefined, manager: 'systemd', systemd: { manager: 'system', controlGroup: '' } })
        ?.path,
    ).toBe('/system.slice/runc-web.scope');
  });
});
