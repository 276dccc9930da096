import { describe, expect, it, test } from 'vitest';
import { formatJson } from '../base/format-json.ts';
import type { UpdateRequest } from '../base/request.ts';
import { cwdFd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Linux, Resources } from '../spec/config-types.ts';
import type { StateRecord } from '../state/state-record.ts';
import { globals, plainConfig } from '../testing/containers.ts';
import { createFakeKernel, type FakeOptions } from '../testing/fake-kernel.ts';
import type { Tree } from '../testing/fake-world.ts';
import { recordWithCgroup } from '../testing/state-records.ts';
import { updateContainer } from './update-container.ts';

type Flags = { readonly [name: string]: string };

const request = (flags: Flags, more: Partial<UpdateRequest> = {}): UpdateRequest => ({
  command: 'update',
  id: 'web',
  resourcesFile: undefined,
  flags: new Map(Object.entries(flags)),
  l3CacheSchema: undefined,
  memBwSchema: undefined,
  ...more,
});

interface Start {
  readonly saved?: object;
  /** Content of the cgroup's files. */
  readonly files?: Tree;
  readonly record?: StateRecord;
  readonly fault?: FakeOptions['fault'];
  readonly file?: string;
}

function world({ saved = {}, files = {}, record = recordWithCgroup, fault, file = '' }: Start = {}) {
  const resources = saved as Resources;
  const config = { ...plainConfig, linux: { ...plainConfig.linux, resources } };
  const state = { 'state.json': formatJson(record), 'config.json': formatJson(config) };
  const fake = createFakeKernel({
    files: { run: { runt: { web: state } }, tmp: { 'r.json': file } },
    cgroup: { name: 'web', inode: 7777, files },
    ...(fault !== undefined && { fault }),
  });
  const { kernel } = fake;
  const read = (path: string): string => {
    const opened = kernel.openat2(cwdFd, path, 0, 0, 0);
    const text = kernel.readAll(opened, 1e6);
    kernel.close(opened);
    return text;
  };
  return {
    fake,
    update(asked: UpdateRequest, on: Kernel = kernel): string {
      try {
        updateContainer(on, globals, asked);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    },
    /** Lines of the world under the cgroup, "name text". */
    cgroup: () =>
      fake
        .world()
        .filter((line) => line.startsWith('/sys/fs/cgroup/web/'))
        .map((line) =>
          line
            .slice('/sys/fs/cgroup/web/'.length)
            .replace(/ 755 0:0 file/, '')
            .trim(),
        ),
    saved: () => (JSON.parse(read('/run/runt/web/config.json')).linux as Linux).resources,
    writes: () =>
      fake.trace.filter((line) => line.startsWith('write(')).map((line) => line.slice('write(<'.length, -1)),
  };
}

/** What a cgroup with every controller has. */
const all: Tree = {
  'cgroup.controllers': 'cpu memory pids io cpuset\n',
  'cpu.weight': '100\n',
  'cpu.max': 'max 100000\n',
  'cpu.max.burst': '0\n',
  'cpu.idle': '0\n',
  'memory.max': 'max\n',
  'memory.low': '0\n',
  'memory.high': 'max\n',
  'memory.swap.max': 'max\n',
  'memory.current': '20000000\n',
  'memory.swap.current': '1000000\n',
  'pids.max': 'max\n',
  'io.max': '8:0 rbps=7 wbps=max riops=max wiops=max\n',
  'io.weight': 'default 100\n8:0 50\n',
  'cpuset.cpus': '0-3\n',
  'cpuset.mems': '\n',
};

const MiB = 1048576;

describe('what is written, and saved', () => {
  it.each<readonly [string, object, Flags, readonly string[], object]>([
    ['nothing', { pids: { limit: 5 } }, {}, [], { pids: { limit: 5 } }],
    [
      'zero leaves things as they are',
      { cpu: { shares: 2 } },
      { 'cpu-share': '0', memory: '0', 'blkio-weight': '0' },
      [],
      { cpu: { shares: 2 } },
    ],
    ['zero processes are a limit', {}, { 'pids-limit': '0' }, ['pids.max>, "0"'], { pids: { limit: 0 } }],
    [
      'no limit of processes',
      { pids: { limit: 9 } },
      { 'pids-limit': '-1' },
      ['pids.max>, "max"'],
      { pids: { limit: -1 } },
    ],
    ['memory alone', {}, { memory: '64m' }, ['memory.max>, "67108864"'], { memory: { limit: 64 * MiB } }],
    [
      'memory with the swap of before: swap is what is left of both',
      { memory: { limit: 32 * MiB, swap: 96 * MiB } },
      { memory: '64m' },
      ['memory.max>, "67108864"', 'memory.swap.max>, "33554432"'],
      { memory: { limit: 64 * MiB, swap: 96 * MiB } },
    ],
    [
      'swap alone',
      { memory: { limit: 32 * MiB } },
      { 'memory-swap': '40m' },
      ['memory.swap.max>, "8388608"'],
      { memory: { limit: 32 * MiB, swap: 40 * MiB } },
    ],
    [
      'swap without end',
      { memory: { limit: 32 * MiB, swap: 32 * MiB } },
      { 'memory-swap': '-1' },
      ['memory.swap.max>, "max"'],
      { memory: { limit: 32 * MiB, swap: -1 } },
    ],
    [
      'no memory limit: swap has none either',
      { memory: { limit: 32 * MiB, swap: 32 * MiB } },
      { memory: '-1' },
      ['memory.swap.max>, "max"', 'memory.max>, "max"'],
      { memory: { limit: -1 } },
    ],
    [
      'a quota keeps the period',
      { cpu: { period: 50000 } },
      { 'cpu-quota': '20000' },
      ['cpu.max>, "20000 50000"'],
      { cpu: { quota: 20000, period: 50000 } },
    ],
    [
      'a period keeps the quota',
      { cpu: { quota: 20000 } },
      { 'cpu-period': '50000' },
      ['cpu.max>, "20000 50000"'],
      { cpu: { quota: 20000, period: 50000 } },
    ],
    ['no quota', { cpu: { quota: 20000 } }, { 'cpu-quota': '-1' }, ['cpu.max>, "max 100000"'], { cpu: { quota: -1 } }],
    [
      'shares, weight and processors',
      {},
      { 'cpu-share': '512', 'blkio-weight': '10', 'cpuset-cpus': '0,1' },
      ['io.weight>, "1"', 'cpu.weight>, "59"', 'cpuset.cpus>, "0,1"'],
      { blockIO: { weight: 10 }, cpu: { shares: 512, cpus: '0,1' } },
    ],
    [
      'other things stay',
      { devices: [{ allow: false }], pids: { limit: 3 } },
      { 'memory-reservation': '1m' },
      ['memory.low>, "1048576"'],
      { devices: [{ allow: false }], pids: { limit: 3 }, memory: { reservation: MiB } },
    ],
  ])('%s', (_, saved, flags, writes, after) => {
    const { update, writes: written, saved: now } = world({ saved, files: all });
    expect(update(request(flags))).toBe('');
    expect(written().filter((line) => !line.startsWith('config.json'))).toEqual(writes);
    expect(now()).toEqual(after);
  });

  test('a file: lists are merged by device and by name, device rules ignored', () => {
    const saved = {
      blockIO: {
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 7 }],
        weightDevice: [{ major: 8, minor: 0, weight: 50 }],
      },
      unified: { 'memory.high': '5' },
      devices: [{ allow: false }],
    };
    const asked = {
      blockIO: {
        throttleReadBpsDevice: [{ major: 8, minor: 16, rate: 9 }],
        throttleWriteBpsDevice: [{ major: 8, minor: 0, rate: 3 }],
        weightDevice: [{ major: 8, minor: 0, weight: 10 }],
      },
      unified: { 'memory.low': '4096' },
      devices: [{ allow: true }],
      memory: { checkBeforeUpdate: true },
    };
    const { update, cgroup, saved: now } = world({ saved, files: all, file: formatJson(asked) });
    expect(update(request({ memory: 'ignored' }, { resourcesFile: '/tmp/r.json' }))).toBe('');
    expect(cgroup()).toContain(
      'io.max 8:16 rbps=9 wbps=max riops=max wiops=max\n8:0 rbps=7 wbps=3 riops=max wiops=max',
    );
    expect(now()).toEqual({
      blockIO: {
        throttleReadBpsDevice: [
          { major: 8, minor: 0, rate: 7 },
          { major: 8, minor: 16, rate: 9 },
        ],
        throttleWriteBpsDevice: [{ major: 8, minor: 0, rate: 3 }],
        weightDevice: [{ major: 8, minor: 0, weight: 10 }],
      },
      unified: { 'memory.high': '5', 'memory.low': '4096' },
      devices: [{ allow: false }],
      memory: { checkBeforeUpdate: true },
    });
  });

  test('controllers that the cgroup does not have are given to it first', () => {
    const { update, writes } = world();
    expect(update(request({ memory: '64m', 'pids-limit': '5' }))).toBe('');
    expect(writes().slice(0, 3)).toEqual([
      'cgroup.subtree_control>, "+pids +memory"',
      'pids.max>, "5"',
      'memory.max>, "67108864"',
    ]);
  });
});

describe('the order', () => {
  it.each<readonly [string, Tree, object, Flags, readonly string[]]>([
    [
      'more swap comes before less memory',
      { 'memory.swap.max': '0\n', 'memory.max': '67108864\n' },
      {},
      { memory: '32m', 'memory-swap': '96m' },
      ['memory.swap.max', 'memory.max'],
    ],
    [
      'less swap comes after less memory',
      { 'memory.swap.max': '67108864\n' },
      {},
      { memory: '32m', 'memory-swap': '33m' },
      ['memory.max', 'memory.swap.max'],
    ],
    [
      'a burst below the old quota comes first',
      { 'cpu.max': '50000 100000\n', 'cpu.max.burst': '40000\n' },
      {},
      { 'cpu-quota': '20000', 'cpu-burst': '10000' },
      ['cpu.max.burst', 'cpu.max'],
    ],
    [
      'a burst above the old quota comes after',
      { 'cpu.max': '5000 100000\n' },
      {},
      { 'cpu-quota': '20000', 'cpu-burst': '10000' },
      ['cpu.max', 'cpu.max.burst'],
    ],
    [
      'a weight waits until it is not idle',
      { 'cpu.idle': '1\n', 'cpu.weight': '0\n' },
      { cpu: { idle: 1 } },
      { 'cpu-idle': '0', 'cpu-share': '512' },
      ['cpu.idle', 'cpu.weight'],
    ],
    [
      'a weight of an idle one',
      { 'cpu.idle': '1\n', 'cpu.weight': '0\n' },
      { cpu: { idle: 1 } },
      { 'cpu-idle': '1', 'cpu-share': '512' },
      ['cpu.idle', 'cpu.weight', 'cpu.idle'],
    ],
    ['idle comes after a weight', {}, {}, { 'cpu-idle': '1', 'cpu-share': '512' }, ['cpu.weight', 'cpu.idle']],
  ])('%s', (_, files, saved, flags, order) => {
    const { update, writes } = world({ saved, files: { ...all, ...files } });
    expect(update(request(flags))).toBe('');
    expect(
      writes()
        .filter((line) => !line.startsWith('config.json'))
        .map((line) => line.split('>')[0]),
    ).toEqual(order);
  });
});

const busy = {
  memory: '32m',
  'memory-swap': '33m',
  'memory-reservation': '1m',
  'cpu-quota': '20000',
  'cpu-burst': '10000',
  'cpu-share': '512',
  'cpu-idle': '1',
  'cpuset-cpus': '0',
  'blkio-weight': '10',
  'pids-limit': '5',
};

test.each(['EIO', 'EBUSY', 'EPERM', 'EMFILE'])(
  'whichever call fails with %s, everything is as before or everything is new',
  (errno) => {
    const saved = { memory: { limit: 64 * MiB } };
    const config = (lines: readonly string[]) => lines.filter((line) => line.startsWith('/run/runt/web/config.json '));
    const untouched = world({ saved, files: all });
    const [before, configBefore] = [untouched.cgroup(), config(untouched.fake.world())];
    untouched.update(request(busy));
    const [after, configAfter] = [untouched.cgroup(), config(untouched.fake.world())];
    expect(after).not.toEqual(before);
    for (let at = 1; ; at += 1) {
      const { fake, update, cgroup } = world({ saved, files: all, fault: { at, errno, sticky: false } });
      const message = update(request(busy));
      const fired = JSON.stringify(fake.fired());
      expect(cgroup(), fired).toEqual(message === '' ? after : before);
      expect(config(fake.world()), fired).toEqual(message === '' ? configAfter : configBefore);
      expect(message, fired).not.toContain('not undone');
      if (fake.fired() === undefined) break;
      expect(at).toBeLessThan(400);
    }
  },
);

test('lists of devices are put back line by line', () => {
  const asked = {
    blockIO: {
      throttleReadBpsDevice: [
        { major: 8, minor: 0, rate: 9 },
        { major: 8, minor: 16, rate: 9 },
      ],
      weightDevice: [
        { major: 8, minor: 16, weight: 10 },
        { major: 8, minor: 0, weight: 20 },
      ],
    },
    unified: { 'memory.frob': '1' },
  };
  const { update, cgroup } = world({ files: all, file: formatJson(asked) });
  const before = cgroup();
  expect(update(request({}, { resourcesFile: '/tmp/r.json' }))).toContain(
    'write "1" to memory.frob: /tmp/r.json: /unified/memory.frob',
  );
  expect(cgroup()).toEqual(before);
});

test('a value that the kernel takes and does not show is an error, and taken back', () => {
  const { fake, update, cgroup } = world({ files: all });
  const before = cgroup();
  const { write } = fake.kernel;
  // A kernel that forgets what it is told about processes.
  const deaf = (fd: Parameters<Kernel['write']>[0], text: string) => write(fd, fd.path === 'pids.max' ? 'max' : text);
  const message = update(request({ 'pids-limit': '5', memory: '64m' }), { ...fake.kernel, write: deaf } as Kernel);
  expect(message).toContain('write "5" to pids.max: --pids-limit');
  expect(message).toContain('the kernel took it, but the file says "max"');
  expect(cgroup()).toEqual(before);
});

describe('refused, and nothing is written', () => {
  it.each<readonly [string, Start, Flags, string]>([
    [
      'swap without memory',
      {},
      { 'memory-swap': '64m' },
      '--memory-swap: unable to set swap limit without memory limit',
    ],
    [
      'memory above both',
      { saved: { memory: { limit: 5, swap: 10 } } },
      { memory: '20' },
      '/linux/resources/memory/swap: memory+swap limit should be >= memory limit (10 < 20)',
    ],
    [
      'a burst above the quota',
      { saved: { cpu: { quota: 1000 } } },
      { 'cpu-burst': '2000' },
      '--cpu-burst: must not be larger than quota (2000 > 1000)',
    ],
    ['kernel memory', {}, { 'kernel-memory': '1m' }, '--kernel-memory: cgroup v2 has no such limit'],
    ['real time', {}, { 'cpu-rt-runtime': '1000' }, '--cpu-rt-runtime: cgroup v2 has no such limit'],
    [
      'a weight out of range',
      {},
      { 'blkio-weight': '2000' },
      '--blkio-weight: must be a whole number from 0 to 1000: 2000 is out of range',
    ],
    ['a weight that no kernel takes', {}, { 'blkio-weight': '5' }, '--blkio-weight: 5 is not between 10 and 1000'],
    ['a number beyond 64 bits', {}, { memory: '99999999t' }, '--memory: must be'],
    ['idle of two', {}, { 'cpu-idle': '2' }, '--cpu-idle: must be'],
    ['a quota of one microsecond', { files: all }, { 'cpu-quota': '1' }, 'write "1 100000" to cpu.max: --cpu-quota'],
    ['stopped', { record: { ...recordWithCgroup, bootId: 'other' } }, {}, 'container not running: web (it is stopped)'],
    [
      'another cgroup of its name',
      { record: { ...recordWithCgroup, cgroup: { path: '/web', inode: 1, createdParents: [] } } },
      { memory: '1m' },
      'the cgroup /web of the container is gone',
    ],
  ])('%s', (_, start, flags, message) => {
    const { update, writes } = world({ files: all, ...start });
    const text = update(request(flags));
    expect(text).toContain(message);
    expect(text).not.toContain('\n');
    expect(writes().filter((line) => !line.startsWith('cpu.max'))).toEqual([]);
  });

  it.each<readonly [string, string]>([
    ['{"memory":{"limit":"64m"}}', '/tmp/r.json: /memory/limit: must be'],
    ['{"memory":{"limit":1.5}}', '/memory/limit'],
    ['{"memory":{"swap":5}}', '/tmp/r.json: /memory/swap: unable to set swap limit without memory limit'],
    ['{"cpu":{"cpus":7}}', '/cpu/cpus'],
    ['{"unified":{"../x.max":"1"}}', '/unified/..~1x.max'],
    ['{"memory":{"swappiness":10}}', '/tmp/r.json: /memory/swappiness: cgroup v2 has no such limit'],
    ['[]', 'must be an object'],
    ['{"memory":', '/tmp/r.json:1:'],
    ['{"pids":{"limit":5}} {}', '/tmp/r.json:1:'],
    ['{"pids":{"limit":5},"pids":{"limit":6}}', 'pids'],
  ])('%s', (file, message) => {
    const { update, writes } = world({ files: all, file });
    expect(update(request({}, { resourcesFile: '/tmp/r.json' }))).toContain(message);
    expect(writes()).toEqual([]);
  });

  test('Intel RDT of a container that has none', () => {
    const { update } = world({ files: all });
    expect(update(request({}, { l3CacheSchema: 'L3:0=f' }))).toContain(
      'updating a non-existent Intel RDT configuration is not supported',
    );
  });
});

describe('checkBeforeUpdate', () => {
  it.each<readonly [object, string]>([
    [{ limit: 20000000 }, 'rejecting memory limit 20000000 <= usage 20000000'],
    [{ limit: 19000000, swap: 21000000 }, 'rejecting memory+swap limit 21000000 <= usage 21000000'],
    [{ limit: 30000000, swap: 40000000 }, ''],
    [{ limit: -1 }, ''],
  ])('%j', (memory, message) => {
    const file = formatJson({ memory: { ...memory, checkBeforeUpdate: true } });
    const { update, writes } = world({ files: all, file });
    const text = update(request({}, { resourcesFile: '/tmp/r.json' }));
    if (message === '') expect(text).toBe('');
    else expect(text).toContain(message);
    expect(writes().length > 0).toBe(message === '');
  });

  test('as the container was made with it', () => {
    const { update } = world({ saved: { memory: { checkBeforeUpdate: true } }, files: all });
    expect(update(request({ memory: '1m' }))).toContain('--memory: rejecting memory limit 1048576 <= usage 20000000');
  });
});
