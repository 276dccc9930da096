import { describe, expect, test } from 'vitest';
import type { Config } from '../spec/config-types.ts';
import { createFakeKernel } from '../testing/fake-kernel.ts';
import { applyCgroupOwner } from './apply-cgroup-owner.ts';
import { mappedUid, type PlanCgroupOwnerInput, planCgroupOwner } from './plan-cgroup-owner.ts';
import { readCgroupFacts } from './read-cgroup-facts.ts';

const mount = { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['nosuid', 'rw'] };
const uidMappings = [
  { containerID: 0, hostID: 100000, size: 1000 },
  { containerID: 1000, hostID: 5000, size: 1 },
];

interface Case {
  readonly mounts?: readonly object[];
  readonly uid?: number;
  readonly input?: Partial<PlanCgroupOwnerInput>;
}

function plan({ mounts = [mount], uid = 0, input = {} }: Case) {
  const config = { process: { user: { uid, gid: 0 } }, mounts, linux: { uidMappings } } as unknown as Config;
  return planCgroupOwner({ config, cgroupNamespace: 'new', userNamespace: 'new', euid: 0, ...input });
}

describe('who owns the cgroup', () => {
  // [shows config-linux.md#cgroup-ownership/2]
  test.each<readonly [string, Case, object | undefined]>([
    ['the root of the container', {}, { kind: 'uid', uid: 100000 }],
    ['its user', { uid: 1000 }, { kind: 'uid', uid: 5000 }],
    ['a user that is not mapped: nobody', { uid: 1001 }, undefined],
    ['the host’s root: as it is', { input: { userNamespace: 'host' } }, undefined],
    ['a user of the host', { uid: 7, input: { userNamespace: 'host' } }, { kind: 'uid', uid: 7 }],
    [
      'a user namespace that is joined',
      { uid: 7, input: { userNamespace: 'join' } },
      { kind: 'mapped', containerUid: 7 },
    ],
    ['the host’s cgroup namespace', { input: { cgroupNamespace: 'host' } }, undefined],
    ['a cgroup namespace that is joined', { input: { cgroupNamespace: 'join' } }, undefined],
    ['without root', { input: { euid: 1000 } }, undefined],
    ['no mount', { mounts: [] }, undefined],
    ['a read-only mount', { mounts: [{ ...mount, options: ['nosuid', 'ro'] }] }, undefined],
    [
      'a mount without options',
      { mounts: [{ destination: '/sys/fs/cgroup/', source: 'cgroup' }] },
      { kind: 'uid', uid: 100000 },
    ],
    ['another source', { mounts: [{ ...mount, source: 'cgroup2' }] }, undefined],
    ['another place', { mounts: [{ ...mount, destination: '/sys/fs/cgroup/x' }] }, undefined],
  ])('%s', (_, each, owner) => {
    expect(plan(each)).toEqual(owner);
  });
});

test('the map of a process', () => {
  const map = '         0     100000       1000\n      1000       5000          1\n';
  expect([0, 999, 1000, 1001].map((uid) => mappedUid(map, uid))).toEqual([100000, 100999, 5000, undefined]);
  expect(mappedUid('', 0)).toBeUndefined();
});

function chown(list: string | undefined) {
  const files = list === undefined ? {} : { sys: { kernel: { cgroup: { delegate: list } } } };
  const fake = createFakeKernel({ files, cgroup: { name: 'web', inode: 7777 } });
  const { root } = readCgroupFacts(fake.kernel);
  if (root === undefined) throw new Error('no tree');
  const cgroup = fake.kernel.openat2(root, 'web', 0, 0, 0);
  const open = fake.openDescriptors();
  applyCgroupOwner(fake.kernel, cgroup, 100000);
  expect(fake.openDescriptors()).toBe(open);
  return fake
    .world()
    .filter((line) => line.startsWith('/sys/fs/cgroup/web') && line.includes(' 100000:0 '))
    .map((line) => line.split(' ')[0]?.slice('/sys/fs/cgroup/'.length));
}

// [shows config-linux.md#cgroup-ownership/6]
test('given: the directory and the listed files that are there', () => {
  expect(chown('cgroup.procs\ncgroup.subtree_control\nmemory.reclaim\n')).toEqual([
    'web',
    'web/cgroup.procs',
    'web/cgroup.subtree_control',
  ]);
});

// [shows config-linux.md#cgroup-ownership/7]
test('without a list of the kernel: the specification’s', () => {
  expect(chown(undefined)).toEqual(['web', 'web/cgroup.procs', 'web/cgroup.subtree_control']);
});

test('a list that names paths is not followed', () => {
  expect(chown('../web/cgroup.kill\n/etc/passwd\n')).toEqual(['web']);
});
