/**
 * Intel RDT on the fake kernel, whose resctrl is mounted where the test's files have a directory for it: classes of service as the
 * specification wants them, and what is left when create fails, dies, or the container is deleted. [spec config-linux.md#intelrdt]
 */
import { describe, expect, test } from 'vitest';
import { formatJson } from '../base/format-json.ts';
import { cwdFd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Config, IntelRdt } from '../spec/config-types.ts';
import type { StateRecord } from '../state/state-record.ts';
import {
  createRequest,
  execRequest,
  globals,
  hostFiles,
  hostLines,
  plainConfig,
  runningFiles,
} from '../testing/containers.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import type { Tree } from '../testing/fake-world.ts';
import { type Half, runHalf, runTwoHalves, sweepParent } from '../testing/run-two-halves.ts';
import { soundRecord } from '../testing/state-records.ts';
import { createContainer } from './create-container.ts';
import { deleteContainer } from './delete-container.ts';
import { execInContainer } from './exec-in-container.ts';
import { UndoStack } from './undo-stack.ts';
import { updateIntelRdt } from './update-intel-rdt.ts';

const configOf = (intelRdt: IntelRdt | undefined): Config =>
  intelRdt === undefined ? plainConfig : { ...plainConfig, linux: { ...plainConfig.linux, intelRdt } };
const mounted: Tree = { sys: { fs: { resctrl: {} } } };

/** What an administrator did before. */
const makeClass = (kernel: Kernel, name: string, schemata?: string): void => {
  const root = kernel.openat2(cwdFd, '/sys/fs/resctrl', 0, 0, 0);
  kernel.mkdirat(root, name, 0o755);
  if (schemata !== undefined) {
    const file = kernel.openat2(root, `${name}/schemata`, 1, 0, 0);
    kernel.write(file, schemata);
    kernel.close(file);
  }
  kernel.close(root);
};

interface Trial {
  readonly intelRdt: IntelRdt | undefined;
  /** A class that is there before, with this schema. */
  readonly existing?: readonly [name: string, schemata?: string];
  readonly files?: Tree;
}

function trialOf({ intelRdt, existing, files = mounted }: Trial) {
  const config = configOf(intelRdt);
  return {
    files: { ...hostFiles(config), ...files },
    run: (kernel: Kernel) => {
      if (existing !== undefined) makeClass(kernel, ...existing);
      createContainer(kernel, globals, createRequest);
    },
  };
}

const create = (trial: Trial): Half => runTwoHalves(trialOf(trial)).parent;
const rdt = (half: Half): string[] =>
  half.fake.world().filter((line) => line.startsWith('/sys/fs/resctrl/') && !line.includes('/info'));
const fileOf = (half: Half, path: string): string | undefined =>
  rdt(half)
    .find((line) => line.startsWith(`/sys/fs/resctrl/${path} `))
    ?.split(' file ')[1];
const classes = (half: Half): string[] =>
  rdt(half)
    .filter((line) => /\/tasks /.test(line))
    .map((line) => line.split('/tasks ')[0]?.slice('/sys/fs/resctrl'.length) ?? '')
    .sort();

const l3CacheSchema = 'L3:0=7f0;1=1f';
const memBwSchema = 'MB:0=20;1=70';

describe('create', () => {
  // [shows config-linux.md#intelrdt/1 config-linux.md#intelrdt/8 config-linux.md#intelrdt/9 config-linux.md#intelrdt/14]
  test('without closID: a class with the name of the container, its schema, the process in it', () => {
    const half = create({ intelRdt: { l3CacheSchema, memBwSchema } });
    expect(half.end).toBe('returned');
    expect(classes(half)).toEqual(['', '/web']);
    expect(fileOf(half, 'web/tasks')).toBe('100');
    expect(fileOf(half, 'web/schemata')).toBe('    MB:0=20;1=70\n    L3:0=7f0;1=1f');
    expect(fileOf(half, 'tasks')).toBeUndefined();
  });

  // [shows config-linux.md#intelrdt/10 config-linux.md#intelrdt/12]
  test('the lines come in the order of the specification, in one write', () => {
    const half = create({ intelRdt: { schemata: ['L3:0=f', 'L2:0=1'], memBwSchema, l3CacheSchema } });
    expect(half.fake.trace.filter((line) => line.includes('schemata>, '))).toEqual([
      'write(</sys/fs/resctrl/web/schemata>, "L3:0=7f0;1=1f\\nMB:0=20;1=70\\nL3:0=f\\nL2:0=1\\n")'.replace(
        '/sys/fs/resctrl/web/',
        '',
      ),
    ]);
    expect(fileOf(half, 'web/schemata')).toContain('L2:0=1');
  });

  // [shows config-linux.md#intelrdt/4 config-linux.md#intelrdt/13 config-linux.md#intelrdt/17]
  test.each([
    ['nothing said: a class of its own', {}, '/web'],
    ['the default class', { closID: '/' }, ''],
    ['a class that is there', { closID: 'gold' }, '/gold'],
  ])('%s; no schemata file is written', (_name, intelRdt, expected) => {
    const half = create({ intelRdt, existing: ['gold', 'L3:0=3'] });
    expect(half.end).toBe('returned');
    expect(fileOf(half, `${expected}/tasks`.replace(/^\//, ''))).toBe('100');
    expect(half.fake.trace.filter((line) => line.startsWith('write(<schemata>'))).toEqual([]);
    expect(classes(half)).toEqual(expected === '/web' ? ['', '/gold', '/web'] : ['', '/gold']);
  });

  // [shows config-linux.md#intelrdt/11 config-linux.md#intelrdt/15 config-linux.md#intelrdt/16]
  test('closID with schemata: made when it is not there, and compared by meaning when it is', () => {
    const made = create({ intelRdt: { closID: 'gold', l3CacheSchema } });
    expect(made.end).toBe('returned');
    expect(fileOf(made, 'gold/schemata')).toContain('L3:0=7f0;1=1f');
    const same = create({
      intelRdt: { closID: 'gold', l3CacheSchema: 'L3:1=01F;0=7F0' },
      existing: ['gold', l3CacheSchema],
    });
    expect(same.end).toBe('returned');
    const other = create({ intelRdt: { closID: 'gold', l3CacheSchema: 'L3:0=1' }, existing: ['gold', l3CacheSchema] });
    expect(other.end).toContain(
      '/linux/intelRdt/closID: the class of service "gold" exists and has another schema (L3:0)',
    );
    expect(fileOf(other, 'gold/schemata')).toContain('L3:0=7f0;1=1f');
    const bandwidth = create({ intelRdt: { closID: 'gold', memBwSchema }, existing: ['gold', 'MB:0=20;1=80'] });
    expect(bandwidth.end).toContain('another schema (MB:1)');
  });

  // [shows config-linux.md#intelrdt/21 config-linux.md#intelrdt/22]
  test('a monitoring group below the class', () => {
    const own = create({ intelRdt: { enableMonitoring: true } });
    expect(fileOf(own, 'web/mon_groups/web/tasks')).toBe('100');
    const shared = create({ intelRdt: { enableMonitoring: true, closID: '/' } });
    expect([fileOf(shared, 'mon_groups/web/tasks'), fileOf(shared, 'tasks')]).toEqual(['100', '100']);
  });

  // [shows config-linux.md#intelrdt/3]
  test('without intelRdt resctrl is not touched', () => {
    const { trace } = create({ intelRdt: undefined }).fake;
    expect(trace.filter((line) => /resctrl|mountinfo/.test(line))).toEqual([]);
  });
});

describe('refused, and resctrl is as before', () => {
  // [shows config-linux.md#intelrdt/2 config-linux.md#intelrdt/18 config-linux.md#intelrdt/24]
  test.each<[string, Trial, string]>([
    ['no resctrl', { intelRdt: {}, files: {} }, '/linux/intelRdt: no resctrl file system is mounted'],
    ['a directory instead of resctrl', { intelRdt: {}, files: { sys: { fs: { rdt: {} } } } }, 'no resctrl file system'],
    [
      'a class that is not there',
      { intelRdt: { closID: 'none' } },
      '/linux/intelRdt/closID: there is no class of service "none"',
    ],
    ['no class but another directory', { intelRdt: { closID: 'info' } }, '"info" is not a class of service'],
    [
      'a resource that is not there',
      { intelRdt: { schemata: ['L9:0=1'] } },
      "Unknown or unsupported resource name 'L9'",
    ],
    ['the same, of a new named class', { intelRdt: { closID: 'gold', l3CacheSchema: 'L3:0=wrong' } }, 'EINVAL'],
    [
      'a monitoring group that is there',
      { intelRdt: { closID: '/', enableMonitoring: true }, existing: ['mon_groups/web'] },
      'monitoring group web already',
    ],
  ])('%s', (_name, trial, message) => {
    const trialRun = trialOf(trial);
    const half = runTwoHalves(trialRun).parent;
    expect(half.end).toContain(message);
    const { existing } = trial;
    const before = runHalf({
      ...trialRun,
      run: (kernel) => existing && makeClass(kernel, ...existing),
      name: 'parent',
      inbox: [],
      peerEnded: true,
    });
    expect(classes(half)).toEqual(classes(before));
  });

  test('all classes in use: the kernel says so', () => {
    const config = configOf({ schemata: ['L3:0=1'] });
    const run = (kernel: Kernel) => {
      for (let i = 0; i < 9; i++) makeClass(kernel, `c${i}`);
      createContainer(kernel, globals, createRequest);
    };
    const { parent } = runTwoHalves({ files: { ...hostFiles(config), ...mounted }, run });
    expect(parent.end).toContain('out of CLOSIDs');
    expect(classes(parent)).not.toContain('/web');
  });
});

describe.each([
  ['of its own', { schemata: ['L3:0=1'], enableMonitoring: true }],
  ['made for a closID', { closID: 'gold', schemata: ['L3:0=1'], enableMonitoring: true }],
])('every call of create fails in turn, with a class %s', (_name, intelRdt) => {
  const trial = trialOf({ intelRdt });
  const whole = runTwoHalves(trial);
  const before = runHalf({ ...trial, run: () => {}, name: 'parent', inbox: [], peerEnded: true });
  const quiet = (half: Half) => hostLines(half.fake.world()).filter((line) => !line.includes('last_cmd_status'));

  test.each([
    { errno: 'EIO', sticky: false },
    { errno: 'EPERM', sticky: true },
  ])('%o', (fault) => {
    let failures = 0;
    for (const { half, call } of sweepParent(trial, whole.child.said, fault)) {
      if (half.end === 'returned') continue;
      failures += 1;
      if (!half.end.includes('not undone')) expect(quiet(half), call).toEqual(quiet(before));
    }
    expect(failures).toBeGreaterThan(20);
  });
});

/** A container with a class, as a finished or a killed create left it. */
function left(resctrl: object, phase: 'created' | 'creating', made: readonly string[]) {
  const record = { ...soundRecord, phase, resctrl, ...(phase === 'creating' ? { init: undefined } : {}) };
  const web = { 'state.json': formatJson(record), 'config.json': formatJson(plainConfig) };
  const fake = createFakeKernel({ files: { ...hostFiles(plainConfig), ...mounted, run: { runt: { web } } } });
  for (const name of made) makeClass(fake.kernel, name);
  return fake;
}
const classNames = (fake: ReturnType<typeof createFakeKernel>): string[] =>
  fake
    .world()
    .filter((line) => /^\/sys\/fs\/resctrl\/.*\/tasks /.test(line))
    .map((line) => line.split('/tasks ')[0]?.slice('/sys/fs/resctrl/'.length) ?? '');
const base = { mountPoint: '/sys/fs/resctrl', isNamed: false };

describe('delete --force', () => {
  // [shows config-linux.md#intelrdt/19 config-linux.md#intelrdt/20]
  test.each<[string, object, 'created' | 'creating', readonly string[]]>([
    ['a class that was made for it goes', { group: 'web', madeInode: 0 }, 'created', []],
    ['a class that was there stays', { group: 'web' }, 'created', ['web']],
    ['a class made for a closID stays', { group: 'web', madeInode: 0, isNamed: true }, 'created', ['web']],
    [
      'a class made for a closID by a create that was killed goes',
      { group: 'web', madeInode: 0, isNamed: true },
      'creating',
      [],
    ],
    ['one that another made since, of the same name, stays', { group: 'web', madeInode: 999999 }, 'created', ['web']],
  ])('%s', (_name, resctrl, phase, expected) => {
    const fake = left({ ...base, ...resctrl }, phase, ['web']);
    deleteContainer(fake.kernel, globals, { id: 'web', force: true });
    expect(classNames(fake)).toEqual(expected);
  });

  test('one of the same name whose tasks are somebody else’s stays, when create was killed before it had made its own', () => {
    const fake = left({ ...base, group: 'web', madeInode: 0 }, 'creating', ['web']);
    const tasks = fake.kernel.openat2(cwdFd, '/sys/fs/resctrl/web/tasks', 1, 0, 0);
    fake.kernel.write(tasks, '4711\n');
    fake.kernel.close(tasks);
    deleteContainer(fake.kernel, globals, { id: 'web', force: true });
    expect(classNames(fake)).toEqual(['web']);
  });

  // [shows config-linux.md#intelrdt/23]
  test('the monitoring group goes, the class of others stays', () => {
    const fake = left({ ...base, group: 'gold', isNamed: true, monitor: 'web' }, 'created', [
      'gold',
      'gold/mon_groups/web',
    ]);
    expect(classNames(fake)).toEqual(['gold/mon_groups/web', 'gold']);
    deleteContainer(fake.kernel, globals, { id: 'web', force: true });
    expect(classNames(fake)).toEqual(['gold']);
  });

  test('what is gone already is no error', () => {
    for (const resctrl of [
      { group: 'web', madeInode: 5, monitor: 'web' },
      { mountPoint: '/gone', group: 'web', madeInode: 5 },
    ]) {
      const fake = left({ ...base, ...resctrl }, 'created', []);
      expect(deleteContainer(fake.kernel, globals, { id: 'web', force: true })).toEqual([]);
    }
  });
});

test('exec puts its process into the class and the monitoring group before it executes', () => {
  const record = { ...soundRecord, resctrl: { ...base, group: 'gold', isNamed: true, monitor: 'web' } };
  const files = { ...runningFiles(plainConfig), ...mounted };
  const web = { 'state.json': formatJson(record), 'config.json': formatJson(plainConfig) };
  const run = (kernel: Kernel) => {
    makeClass(kernel, 'gold');
    makeClass(kernel, 'gold/mon_groups/web');
    execInContainer(kernel, globals, execRequest);
  };
  const { parent, child } = runTwoHalves({ files: { ...files, run: { runt: { web } } }, run });
  expect([parent.end, child.end]).toEqual(['returned', 'executed']);
  expect(child.said.map((packet) => JSON.parse(packet).kind)).toEqual(['giveResources', 'ready']);
  expect([fileOf(parent, 'gold/tasks'), fileOf(parent, 'gold/mon_groups/web/tasks')]).toEqual(['100', '100']);
});

describe('update', () => {
  const identity = { ...base, group: 'web', madeInode: 0 };
  const schemata = (fake: ReturnType<typeof createFakeKernel>) =>
    fake.world().find((line) => line.startsWith('/sys/fs/resctrl/web/schemata'));

  test('writes what is given, cache first; what it says is saved, and undone when the rest fails', () => {
    const fake = left(identity, 'created', ['web']);
    const before = schemata(fake);
    const undo = new UndoStack();
    const record = { ...soundRecord, resctrl: identity };
    const saved = updateIntelRdt(fake.kernel, record, configOf({ closID: '' }), { memBwSchema, l3CacheSchema }, undo);
    expect(saved).toEqual({ closID: '', l3CacheSchema, memBwSchema });
    expect(fake.trace.filter((line) => line.startsWith('write('))).toContain(
      'write(<schemata>, "L3:0=7f0;1=1f\\nMB:0=20;1=70\\n")',
    );
    expect(schemata(fake)).not.toBe(before);
    expect(undo.unwind()).toEqual([]);
    expect(schemata(fake)).toBe(before);
  });

  test('empty flags are none; a refusal is told in the words of resctrl', () => {
    const fake = left(identity, 'created', ['web']);
    const { length } = fake.trace;
    const update = (record: StateRecord, given: object) =>
      updateIntelRdt(
        fake.kernel,
        record,
        plainConfig,
        { l3CacheSchema: undefined, memBwSchema: undefined, ...given },
        new UndoStack(),
      );
    const record = { ...soundRecord, resctrl: identity };
    expect(update(record, { l3CacheSchema: '' })).toBeUndefined();
    expect(update(soundRecord, {})).toBeUndefined();
    expect(fake.trace).toHaveLength(length);
    expect(() => update(soundRecord, { memBwSchema })).toThrow('updating a non-existent Intel RDT configuration');
    expect(() => update(record, { l3CacheSchema: 'L9:0=1' })).toThrow('Unknown or unsupported');
    expect(() => update(record, { l3CacheSchema: 'L3:0=1\nMB:0=1' })).toThrow('must be one line');
  });
});
