import { beforeEach, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { AT_REMOVEDIR } from '../kernel/flags.ts';
import type { Linux } from '../spec/generated/config-types.ts';
import { createFakeKernel, type FakeKernel, type FakeOptions } from '../testing/fake-kernel.ts';
import { applyCgroup } from './apply-cgroup.ts';
import { applyCgroupRemoval } from './apply-cgroup-removal.ts';
import type { CgroupIdentity } from './cgroup-identity.ts';
import { planCgroup } from './plan-cgroup.ts';
import { openCgroup, readCgroupEvents, readCgroupFreeze, readCgroupProcesses } from './read-cgroup.ts';
import { readCgroupClaim } from './read-cgroup-claim.ts';
import { readCgroupFacts } from './read-cgroup-facts.ts';
import { openExecCgroup } from './read-exec-cgroup.ts';

let fake: FakeKernel;

function start(options: Partial<FakeOptions> = {}) {
  fake = createFakeKernel({ files: {}, ...options });
  return fake;
}

beforeEach(() => {
  start();
});

/** Whether the directory is there, by its path from the root of the tree. */
function exists(path: string): boolean {
  const { root } = readCgroupFacts(fake.kernel);
  if (root === undefined) throw new Error('no tree');
  const stat = fake.kernel.statxOrErrno(root, path, 0);
  fake.kernel.close(root);
  return typeof stat !== 'string';
}

function create(linux: object = {}) {
  const { kernel } = fake;
  const { facts, root } = readCgroupFacts(kernel);
  const plan = planCgroup({ id: 'box', linux: linux as Linux, manager: 'cgroupfs' });
  if (root === undefined || plan === undefined) throw new Error('no tree or no plan');
  const claim = readCgroupClaim(kernel, root, plan);
  const from = fake.trace.length;
  const applied = applyCgroup(kernel, root, facts, plan, claim);
  return { ...applied, root, claim, calls: fake.trace.slice(from).filter((line) => !line.startsWith('close')) };
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

test('the tree is found by its magic', () => {
  const { facts, root } = readCgroupFacts(fake.kernel);
  expect(facts).toEqual({ mountPoint: '/sys/fs/cgroup', hybrid: false });
  expect(root?.path).toBe('/sys/fs/cgroup');
  expect(fake.trace.length).toBe(2);
});

test('the default config costs five calls: make, open, load, attach, look at the inode', () => {
  const { calls, identity, claim } = create();
  expect(calls.map((line) => line.split('(')[0])).toEqual([
    'mkdiratOrErrno',
    'openat2OrErrno',
    'bpfLoadCgroupDevice',
    'bpfProgAttach',
    'fstat',
  ]);
  expect(claim.identity).toEqual({ path: '/box', inode: 0, createdParents: [] });
  expect(identity.inode).toBeGreaterThan(0);
});

test('parents are made, remembered and removed again; the ones that were there stay', () => {
  const { kernel } = fake;
  const first = create({ cgroupsPath: '/a/b/one' });
  expect(first.claim.identity.createdParents).toEqual(['/a/b', '/a']);
  expect(first.identity.createdParents).toEqual(['/a/b', '/a']);
  const second = create({ cgroupsPath: '/a/b/two' });
  expect(second.identity.createdParents).toEqual([]);
  kernel.close(first.fd);
  kernel.close(second.fd);
  applyCgroupRemoval(kernel, first.root, first.identity, 0);
  expect([exists('a/b/one'), exists('a/b/two')]).toEqual([false, true]);
  applyCgroupRemoval(kernel, first.root, { ...second.identity, createdParents: first.identity.createdParents }, 0);
  expect(exists('a')).toBe(false);
});

test('limits: controllers at every level above, then the files in order', () => {
  const { calls } = create({ cgroupsPath: '/a/box', resources: { memory: { limit: 4096 }, pids: { limit: 7 } } });
  const writes = calls.filter((line) => line.startsWith('write('));
  expect(writes.length).toBe(4);
  expect(writes.slice(0, 2).every((line) => line.includes('+pids +memory'))).toBe(true);
  expect(writes[2]).toContain('7');
  expect(writes[3]).toContain('4096');
});

test('an error leaves nothing and names property, file, value, reason', () => {
  const error = errorOf(() => create({ cgroupsPath: '/a/b/box', resources: { unified: { 'memory.nonsense': '5' } } }));
  expect(error.fields).toMatchObject({
    kind: 'kernel',
    pointer: '/linux/resources/unified/memory.nonsense',
    path: expect.stringMatching(/box\/memory\.nonsense$/),
    errno: 'ENOENT',
  });
  expect(error.message).toContain('write "5" to memory.nonsense');
  expect(exists('a')).toBe(false);
});

// The container that made the parent is deleted by somebody else at this moment.
test('a parent that vanishes before it has given its controllers: from the top again', () => {
  const { kernel } = fake;
  const dead: Fd[] = [];
  const lookup =
    (method: 'openat2OrErrno' | 'statxOrErrno') =>
    (dir: Fd, name: string, flags: number, ...more: never[]) => {
      if (dead.length === 0 && dir.path.split('/').at(-1) === 'shared' && name === 'cgroup.subtree_control') {
        kernel.unlinkatOrErrno(kernel.openat2(dir as Fd<'cgroup'>, '..', 0, 0, 0), 'shared', AT_REMOVEDIR);
        dead.push(dir);
      }
      return dead.includes(dir)
        ? 'ENOENT'
        : (kernel[method] as (...given: unknown[]) => unknown)(dir, name, flags, ...more);
    };
  const racing = {
    ...fake,
    kernel: { ...kernel, openat2OrErrno: lookup('openat2OrErrno'), statxOrErrno: lookup('statxOrErrno') },
  };
  fake = racing as FakeKernel;
  const made = create({ cgroupsPath: '/shared/box', resources: { pids: { limit: 5 } } });
  expect(dead.length).toBe(1);
  expect(made.identity).toMatchObject({ path: '/shared/box', createdParents: ['/shared'] });
  expect(exists('shared/box')).toBe(true);
});

test('a missing controller is found before anything is made', () => {
  expect(errorOf(() => create({ resources: { rdma: { x: { hcaObjects: 1 } } } })).message).toContain(
    'controller "rdma"',
  );
  expect(exists('box')).toBe(false);
});

test('every call failing in turn leaves no cgroup and no descriptor', () => {
  const linux = { cgroupsPath: '/a/b/box', resources: { memory: { limit: 4096 }, pids: { limit: 7 } } };
  for (let at = 1; ; at += 1) {
    start({ fault: { at, errno: 'EIO', sticky: false } });
    const open = fake.openDescriptors();
    let failed = true;
    try {
      create(linux);
      failed = false;
    } catch (error) {
      if (!String(error).includes('no tree')) expect(error).toBeInstanceOf(RuntimeError);
    }
    if (fake.fired() === undefined) break;
    if (failed) expect(exists('a'), `call ${at}: ${fake.fired()}`).toBe(false);
    expect(fake.openDescriptors(), `call ${at}: ${fake.fired()}`).toBeLessThanOrEqual(open + (failed ? 1 : 2));
    expect(at).toBeLessThan(100);
  }
});

function write(path: string, text: string) {
  const { kernel } = fake;
  const { root } = readCgroupFacts(kernel);
  if (root === undefined) throw new Error('no tree');
  const file = kernel.openat2(root, path, 1, 0, 0);
  kernel.write(file, text);
  kernel.close(file);
}

test('a cgroup with processes, a frozen one and a threaded one are refused and left alone', () => {
  const { fd } = create();
  fake.kernel.close(fd);
  write('box/cgroup.events', 'populated 1\nfrozen 0\n');
  write('box/cgroup.procs', '12\n13\n');
  expect(errorOf(() => create()).message).toContain("container's cgroup is not empty: 2 process(es) found");
  write('box/cgroup.events', 'populated 0\nfrozen 0\n');
  write('box/cgroup.freeze', '1\n');
  expect(errorOf(() => create()).message).toContain("container's cgroup unexpectedly frozen");
  write('box/cgroup.freeze', '0\n');
  write('box/cgroup.type', 'threaded\n');
  expect(errorOf(() => create()).message).toContain('threaded');
  expect(exists('box')).toBe(true);
});

test('an empty one is taken; defaults are then written, older device programs asked for', () => {
  fake.kernel.close(create({ resources: { pids: { limit: 5 } } }).fd);
  const { calls } = create({ resources: { pids: { limit: -1 } } });
  expect(calls.some((line) => line.startsWith('write(') && line.includes('max'))).toBe(true);
  expect(calls.some((line) => line.startsWith('bpfProgQuery'))).toBe(true);
});

test('another cgroup of the same path is not ours: neither opened nor removed', () => {
  const { kernel } = fake;
  const { identity, root, fd } = create();
  kernel.close(fd);
  const other: CgroupIdentity = { ...identity, inode: identity.inode + 1 };
  expect(openCgroup(kernel, root, other)).toBeUndefined();
  applyCgroupRemoval(kernel, root, other, 0);
  expect(openCgroup(kernel, root, identity)).toBeDefined();
});

test('the journal of a dead create: an empty cgroup goes, a gone one is no error', () => {
  const { kernel } = fake;
  const { root, claim, fd } = create({ cgroupsPath: '/a/box' });
  kernel.close(fd);
  applyCgroupRemoval(kernel, root, claim.identity, 0);
  expect(exists('a')).toBe(false);
  applyCgroupRemoval(kernel, root, claim.identity, 0);
});

test('the journal of a dead create: a cgroup that somebody lives in is left to them', () => {
  const { kernel } = fake;
  const { root, claim, fd } = create();
  kernel.close(fd);
  kernel.mkdirat(root, 'box/theirs', 0o755);
  write('box/cgroup.events', 'populated 1\nfrozen 0\n');
  applyCgroupRemoval(kernel, root, claim.identity, 0);
  expect(exists('box')).toBe(true);
  expect(exists('box/theirs')).toBe(true);
});

test('processes of a tree as deep as a container likes: all of them, with a few descriptors', () => {
  const { kernel } = fake;
  const { root, fd } = create();
  kernel.mkdirat(root, 'box/beside', 0o755);
  write('box/beside/cgroup.procs', '7\n');
  let path = 'box';
  for (let depth = 1; depth <= 100; depth++) {
    path += '/d';
    kernel.mkdirat(root, path, 0o755);
    write(`${path}/cgroup.procs`, `${1000 + depth}\n`);
  }
  const before = fake.openDescriptors();
  let most = 0;
  const counting = {
    ...kernel,
    readAll: (...given: Parameters<typeof kernel.readAll>) => {
      most = Math.max(most, fake.openDescriptors() - before);
      return kernel.readAll(...given);
    },
  };
  const pids = readCgroupProcesses(counting, fd);
  expect([...pids].sort()).toEqual([...Array.from({ length: 100 }, (_, index) => 1001 + index), 7].sort());
  expect(most).toBeLessThan(5);
  expect(fake.openDescriptors()).toBe(before);
});

test('state is read from the files', () => {
  const { fd } = create();
  expect(readCgroupEvents(fake.kernel, fd)).toEqual({ populated: false, frozen: false });
  expect(readCgroupFreeze(fake.kernel, fd)).toBe(false);
  write('box/cgroup.events', 'populated 1\nfrozen 1\n');
  write('box/cgroup.freeze', '1\n');
  expect(readCgroupEvents(fake.kernel, fd)).toEqual({ populated: true, frozen: true });
  expect(readCgroupFreeze(fake.kernel, fd)).toBe(true);
});

test('exec goes into the container’s cgroup or below it, never beside it', () => {
  const { kernel } = fake;
  const { identity, root, fd } = create({ cgroupsPath: '/a/box' });
  kernel.close(fd);
  kernel.close(create({ cgroupsPath: '/a/box2/sub' }).fd);
  kernel.mkdirat(root, 'a/box/inner', 0o755);
  const open = (subPaths: readonly string[], initCgroup?: string) =>
    openExecCgroup(kernel, root, identity, { subPaths, initCgroup }).path.split('/').slice(-1)[0];
  expect(open([])).toBe('box');
  expect(open(['/'])).toBe('box');
  expect(open(['inner'])).toBe('inner');
  expect(open(['/inner/'])).toBe('inner');
  expect(open([], '/a/box/inner')).toBe('inner');
  for (const subPath of ['..', '../box2/sub', 'inner/../..', 'memory:inner', 'a\nb']) {
    expect(errorOf(() => open([subPath])).fields.kind, subPath).toBe('usage');
  }
  expect(errorOf(() => open(['a', 'b'])).fields.kind).toBe('usage');
  expect(errorOf(() => open(['absent'])).fields).toMatchObject({ kind: 'usage', errno: 'ENOENT' });
  for (const elsewhere of ['/a/box2/sub', '/a', '/', '/a/box/../box2']) {
    expect(errorOf(() => open([], elsewhere)).fields.kind, elsewhere).toBe('state');
  }
  applyCgroupRemoval(kernel, root, identity, 0);
  expect(errorOf(() => open([])).message).toContain('container is stopping');
});
