import { expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Linux, Resources } from '../spec/generated/config-types.ts';
import { checkCgroupControllers } from './check-cgroup-controllers.ts';
import { planCgroup } from './plan-cgroup.ts';
import { cpuWeight, ioWeight } from './plan-cgroup-values.ts';

function plan(resources: object, more: object = {}) {
  const linux = { resources: resources as Resources, ...more } as Linux;
  return planCgroup({ id: 'box', linux, manager: 'cgroupfs' });
}

function errorOf(run: () => unknown): RuntimeError {
  try {
    run();
  } catch (error) {
    if (error instanceof RuntimeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Short form: "file=value", "(…)" for a default, "?" for one that may be missing. */
function lines(resources: object): string[] {
  return (plan(resources)?.writes ?? []).map((write) => {
    const text = `${write.file}=${write.value}`;
    if (write.isDefault === true) return `(${text})`;
    return write.whenMissing === undefined ? text : `${text}?`;
  });
}

test.each<readonly [string | undefined, readonly string[]]>([
  [undefined, ['box']],
  ['', ['box']],
  ['/a/b', ['a', 'b']],
  ['a/b', ['a', 'b']],
  ['//a///b/', ['a', 'b']],
  ['/docker/0123', ['docker', '0123']],
  ['/a:b:c', ['a:b:c']],
  ['..a/...', ['..a', '...']],
])('path %j', (cgroupsPath, components) => {
  const linux = (cgroupsPath === undefined ? {} : { cgroupsPath }) as Linux;
  const planned = planCgroup({ id: 'box', linux, manager: 'cgroupfs' });
  expect(planned?.components).toEqual(components);
  expect(planned?.path).toBe(`/${components.join('/')}`);
});

test.each<readonly [string, string]>([
  ['/', 'names the root'],
  ['///', 'names the root'],
  ['.', 'component "."'],
  ['..', 'component ".."'],
  ['/a/../../b', 'component ".."'],
  ['/a/./b', 'component "."'],
  ['a/..', 'component ".."'],
  [`/${'x'.repeat(256)}`, 'longer than 255'],
  [`/${'x/'.repeat(2500)}`, 'longer than 4095'],
  ['/a\nb', 'newline'],
  ['/a\0b', 'NUL'],
  ['system.slice:runc:box', 'slice:prefix:name'],
])('path %j is refused', (cgroupsPath, text) => {
  const error = errorOf(() => plan({}, { cgroupsPath }));
  expect(error.fields).toMatchObject({ kind: 'spec', pointer: '/linux/cgroupsPath' });
  expect(error.message).toContain(text);
  expect(error.message).not.toContain('\n');
});

test.each<readonly [string, object, readonly string[]]>([
  ['nothing', {}, []],
  [
    'what docker sends unasked',
    {
      devices: [{ allow: false, access: 'rwm' }],
      memory: { disableOOMKiller: false },
      cpu: { shares: 0 },
      pids: {},
      blockIO: { weight: 0, weightDevice: [] },
      network: {},
    },
    [],
  ],
  ['pids', { pids: { limit: 100 } }, ['pids.max=100']],
  ['pids unlimited', { pids: { limit: -1 } }, ['(pids.max=max)']],
  ['memory', { memory: { limit: 1048576, reservation: 4096 } }, ['memory.max=1048576', 'memory.low=4096']],
  ['memory, exact beyond 2^53', { memory: { limit: 9223372036854771712n } }, ['memory.max=9223372036854771712']],
  ['memory and swap', { memory: { limit: 100, swap: 300 } }, ['memory.swap.max=200', 'memory.max=100']],
  ['no swap', { memory: { limit: 100, swap: 100 } }, ['memory.swap.max=0?', 'memory.max=100']],
  ['all swap', { memory: { limit: 100, swap: -1 } }, ['(memory.swap.max=max)', 'memory.max=100']],
  ['swap unset', { memory: { limit: 100, swap: 0 } }, ['memory.max=100']],
  ['unlimited memory, no word on swap', { memory: { limit: -1 } }, ['(memory.swap.max=max)', '(memory.max=max)']],
  ['unlimited memory, some swap', { memory: { limit: -1, swap: 50 } }, ['memory.swap.max=50', '(memory.max=max)']],
  [
    'zero memory',
    { memory: { limit: 0, reservation: 0, swap: 0, kernel: 0, kernelTCP: -1, swappiness: 60, useHierarchy: true } },
    [],
  ],
  ['reservation unlimited', { memory: { reservation: -1 } }, ['memory.low=max']],
  [
    'cpu',
    { cpu: { shares: 512, quota: 50000, period: 200000, cpus: '0-3', mems: '0' } },
    ['cpu.weight=59', 'cpu.max=50000 200000', 'cpuset.cpus=0-3', 'cpuset.mems=0'],
  ],
  ['default shares are the default weight', { cpu: { shares: 1024 } }, ['(cpu.weight=100)']],
  ['quota alone', { cpu: { quota: 20000 } }, ['cpu.max=20000 100000']],
  ['quota -1', { cpu: { quota: -1, period: 100000 } }, ['(cpu.max=max 100000)']],
  ['period alone', { cpu: { period: 50000 } }, ['cpu.max=max 50000']],
  ['burst after max', { cpu: { burst: 1000, quota: 20000 } }, ['cpu.max=20000 100000', 'cpu.max.burst=1000']],
  ['idle after weight', { cpu: { idle: 1, shares: 2 } }, ['cpu.weight=1', 'cpu.idle=1']],
  ['no realtime', { cpu: { realtimeRuntime: 0, realtimePeriod: 0, cpus: '' } }, ['(cpuset.cpus=)']],
  [
    'io weight',
    {
      blockIO: {
        weight: 10,
        weightDevice: [
          { major: 8, minor: 0, weight: 1000 },
          { major: 8, minor: 16 },
        ],
      },
    },
    ['io.bfq.weight=10?', 'io.bfq.weight=8:0 1000?'],
  ],
  [
    'io throttles',
    {
      blockIO: {
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1 }],
        throttleWriteBpsDevice: [{ major: 8, minor: 1, rate: 2n ** 63n }],
        throttleReadIOPSDevice: [{ major: 8, minor: 2, rate: 3 }],
        throttleWriteIOPSDevice: [{ major: 8, minor: 3, rate: 0 }],
      },
    },
    ['io.max=8:0 rbps=1', 'io.max=8:1 wbps=9223372036854775808', 'io.max=8:2 riops=3', 'io.max=8:3 wiops=max'],
  ],
  [
    'huge pages, zero is a limit',
    { hugepageLimits: [{ pageSize: '2MB', limit: 0 }] },
    ['hugetlb.2MB.max=0', 'hugetlb.2MB.rsvd.max=0?'],
  ],
  [
    'rdma',
    { rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 10000 }, mlx4_0: { hcaObjects: 1 } } },
    ['rdma.max=mlx5_1 hca_handle=3 hca_object=10000', 'rdma.max=mlx4_0 hca_object=1'],
  ],
  [
    'unified last, line by line',
    { unified: { 'memory.high': '1', 'io.max': '8:0 rbps=1\n8:16 rbps=2\n' }, pids: { limit: 3 } },
    ['pids.max=3', 'memory.high=1', 'io.max=8:0 rbps=1', 'io.max=8:16 rbps=2'],
  ],
  [
    'order',
    {
      hugepageLimits: [{ pageSize: '1GB', limit: 1 }],
      cpu: { quota: 5000 },
      blockIO: { weight: 500 },
      memory: { limit: 7 },
      pids: { limit: 9 },
    },
    [
      'pids.max=9',
      'memory.max=7',
      'io.bfq.weight=500?',
      'cpu.max=5000 100000',
      'hugetlb.1GB.max=1',
      'hugetlb.1GB.rsvd.max=1?',
    ],
  ],
])('%s', (_, resources, expected) => {
  expect(lines(resources)).toEqual(expected);
});

test('a limit of no processes is written once the first one is in', () => {
  const planned = plan({ pids: { limit: 0 }, memory: { limit: 5 } });
  expect(planned?.writes.map(({ file }) => file)).toEqual(['memory.max']);
  expect(planned?.writesAfterClone.map(({ file, value }) => [file, value])).toEqual([['pids.max', '0']]);
  expect(planned?.controllers.map(({ name }) => name)).toEqual(['pids', 'memory']);
});

test('the weight of the cost model, when there is no bfq', () => {
  const [write] = plan({ blockIO: { weight: 500 } })?.writes ?? [];
  expect(write?.whenMissing).toMatchObject({
    file: 'io.weight',
    value: '4950',
    pointer: '/linux/resources/blockIO/weight',
  });
});

test('controllers: each once, with what asked first; none for defaults and for files of the core', () => {
  const planned = plan({
    pids: { limit: -1 },
    memory: { limit: 5, reservation: 3 },
    cpu: { cpus: '1' },
    unified: { 'cgroup.max.depth': '2', 'cpu.weight': '3' },
  });
  expect(planned?.controllers).toEqual([
    { name: 'memory', pointer: '/linux/resources/memory/limit' },
    { name: 'cpuset', pointer: '/linux/resources/cpu/cpus' },
    { name: 'cpu', pointer: '/linux/resources/unified/cpu.weight' },
  ]);
});

test.each<readonly [string, object]>([
  ['memory/swap', { memory: { swap: 100 } }],
  ['memory/swap', { memory: { limit: 200, swap: 100 } }],
  ['memory/kernel', { memory: { kernel: 1 } }],
  ['memory/kernelTCP', { memory: { kernelTCP: 4096n } }],
  ['memory/swappiness', { memory: { swappiness: 0 } }],
  ['memory/disableOOMKiller', { memory: { disableOOMKiller: true } }],
  ['cpu/realtimeRuntime', { cpu: { realtimeRuntime: 1 } }],
  ['cpu/realtimePeriod', { cpu: { realtimePeriod: 1000 } }],
  ['network/classID', { network: { classID: 1 } }],
  [
    'network/priorities/1/priority',
    {
      network: {
        priorities: [
          { name: 'a', priority: 0 },
          { name: 'b', priority: 2 },
        ],
      },
    },
  ],
  ['blockIO/leafWeight', { blockIO: { leafWeight: 10 } }],
  ['blockIO/weightDevice/0/leafWeight', { blockIO: { weightDevice: [{ major: 1, minor: 1, leafWeight: 10 }] } }],
  ['blockIO/weight', { blockIO: { weight: 9 } }],
  ['blockIO/weightDevice/0/weight', { blockIO: { weightDevice: [{ major: 1, minor: 1, weight: 1001 }] } }],
  ['unified/..~1x.max', { unified: { '../x.max': '1' } }],
  ['unified/memory', { unified: { memory: '1' } }],
  ['unified/.max', { unified: { '.max': '1' } }],
  ['unified/cgroup.procs', { unified: { 'cgroup.procs': '1' } }],
  ['unified/cgroup.kill', { unified: { 'cgroup.kill': '1' } }],
  ['unified/cgroup.freeze', { unified: { 'cgroup.freeze': '1' } }],
  ['unified/memory.max', { unified: { 'memory.max': '1\0' } }],
  ['devices/0/access', { devices: [{ allow: true, access: 'x' }] }],
])('%s is refused', (pointer, resources) => {
  expect(errorOf(() => plan(resources)).fields).toMatchObject({ kind: 'spec', pointer: `/linux/resources/${pointer}` });
});

test('the two sentences about swap are runc’s', () => {
  expect(errorOf(() => plan({ memory: { swap: 1 } })).message).toContain(
    'unable to set swap limit without memory limit',
  );
  expect(errorOf(() => plan({ memory: { limit: 2, swap: 1 } })).message).toContain(
    'memory+swap limit should be >= memory limit',
  );
});

test('manager disabled: no cgroup, defaults and device rules pass, a limit is refused', () => {
  const disabled = (resources: object) => planCgroup({ id: 'box', linux: { resources } as Linux, manager: 'disabled' });
  expect(planCgroup({ id: 'box', linux: undefined, manager: 'disabled' })).toBeUndefined();
  expect(disabled({ pids: { limit: -1 }, devices: [{ allow: false, access: 'rwm' }] })).toBeUndefined();
  expect(errorOf(() => disabled({ pids: { limit: 0 } })).fields.pointer).toBe('/linux/resources/pids/limit');
});

test.each([
  [0, 1],
  [1, 1],
  [2, 1],
  [3, 2],
  [1024, 100],
  [2048, 174],
  [262143, 10000],
  [262144, 10000],
  [2 ** 40, 10000],
])('cpu shares %i weigh %i', (shares, weight) => {
  expect(cpuWeight(shares)).toBe(weight);
  expect(cpuWeight(BigInt(shares))).toBe(weight);
});

test('weights rise and stay in range', () => {
  for (let shares = 3; shares < 262144; shares += 97) {
    expect(cpuWeight(shares)).toBeGreaterThanOrEqual(cpuWeight(shares - 1));
    expect(cpuWeight(shares)).toBeLessThanOrEqual(10000);
  }
  expect([ioWeight(10), ioWeight(100), ioWeight(1000)]).toEqual([1, 910, 10000]);
});

test('a controller that the tree lacks is named, with the reason', () => {
  const needs = plan({ memory: { limit: 1 }, pids: { limit: 1 } })?.controllers ?? [];
  const unified = { mountPoint: '/sys/fs/cgroup', hybrid: false };
  const hybrid = { mountPoint: '/sys/fs/cgroup/unified', hybrid: true };
  checkCgroupControllers(needs, 'cpu memory pids\n', unified);
  const missing = errorOf(() => checkCgroupControllers(needs, 'cpu pids\n', unified));
  expect(missing.fields.pointer).toBe('/linux/resources/memory/limit');
  expect(missing.message).toContain('controller "memory" not available');
  expect(errorOf(() => checkCgroupControllers(needs, '\n', hybrid)).message).toContain('bound to cgroup v1');
});

test.each<readonly [string, object, readonly string[] | undefined, readonly string[] | undefined | RegExp]>([
  ['nowhere, nothing asked', {}, undefined, undefined],
  ['nowhere, default values only', { resources: { pids: { limit: -1 } } }, undefined, undefined],
  [
    'nowhere, a limit',
    { resources: { pids: { limit: 5 } } },
    undefined,
    /^\/linux\/resources\/pids\/limit: rootless needs no limits/,
  ],
  ['nowhere, a path', { cgroupsPath: '/a' }, undefined, ['a']],
  ['delegated', {}, ['user', 'me'], ['user', 'me', 'box']],
  ['delegated, a limit', { resources: { pids: { limit: 5 } } }, ['user'], ['user', 'box']],
  ['delegated, a relative path', { cgroupsPath: 'a/b' }, ['user'], ['user', 'a', 'b']],
  ['delegated, an absolute path', { cgroupsPath: '/a/b' }, ['user'], ['a', 'b']],
])('rootless: %s', (_, linux, delegated, expected) => {
  const rootless = { delegated, filtersDevices: false };
  const planned = () => planCgroup({ id: 'box', linux: linux as Linux, manager: 'cgroupfs', rootless });
  if (expected instanceof RegExp) expect(planned).toThrow(expected);
  else {
    expect(planned()?.components).toEqual(expected);
    expect(planned()?.deviceProgram).toBeUndefined();
  }
});
