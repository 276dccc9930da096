import { describe, expect, test } from 'vitest';
import { planCgroup } from './plan-cgroup.ts';
import {
  delegateAnnotation,
  planDelegate,
  planDelegateOwner,
  planSubgroup,
  subgroupAnnotation,
} from './plan-cgroup-annotations.ts';

test.each<[string | undefined, readonly string[]]>([
  [undefined, []],
  ['', []],
  ['/', []],
  ['container', ['container']],
  ['/init', ['init']],
  ['a//b/', ['a', 'b']],
  ['...', ['...']],
])('%j is the path %j', (value, expected) => {
  const annotations = (name: string) => (value === undefined ? {} : { [name]: value });
  expect(planDelegate(annotations(delegateAnnotation))).toEqual(expected);
  expect(planSubgroup(annotations(subgroupAnnotation))).toEqual(expected);
  expect(planSubgroup(annotations(delegateAnnotation))).toEqual([]);
  expect(planDelegate(undefined)).toEqual([]);
});

test.each(['..', 'a/../b', '.', 'a\nb', 'a\0', 'x'.repeat(256)])('%j is refused with its place', (value) => {
  expect(() => planDelegate({ [delegateAnnotation]: value })).toThrow('/annotations/run.oci.delegate-cgroup: ');
  expect(() => planSubgroup({ [subgroupAnnotation]: value })).toThrow('/annotations/run.oci.systemd.subgroup: ');
});

const mapped = (containerID: number) => ({
  ociVersion: '1.3.0',
  root: { path: 'r' },
  linux: { uidMappings: [{ containerID, hostID: 200000, size: 10 }] },
});

test.each([
  ['host', 0, 0, undefined],
  ['new', 0, 0, { kind: 'uid', uid: 200000 }],
  ['new', 1000, 0, undefined],
  ['new', 0, 5, undefined],
  ['join', 0, 0, { kind: 'mapped', containerUid: 0 }],
] as const)('user namespace %s of uid %d with maps from %d', (userNamespace, euid, containerID, expected) => {
  expect(planDelegateOwner(mapped(containerID), userNamespace, euid)).toEqual(expected);
});

describe('below a unit', () => {
  const linux = { cgroupsPath: 'a.slice:runt:web', resources: { cpu: { idle: 1, shares: 512 } } };
  const systemd = { manager: 'system', controlGroup: '' } as const;
  const plan = (annotations: { readonly [key: string]: string }, manager: 'systemd' | 'cgroupfs' = 'systemd') =>
    manager === 'systemd'
      ? planCgroup({ id: 'web', linux, manager, systemd, annotations })
      : planCgroup({ id: 'web', linux: { resources: linux.resources }, manager, annotations });

  test('the path goes on, and every limit is written there', () => {
    const below = plan({ [subgroupAnnotation]: 'sub/container' });
    expect(below).toMatchObject({ path: '/a.slice/runt-web.scope/sub/container', belowUnit: 2 });
    expect(below?.writes.map(({ file }) => file)).toContain('cpu.weight');
    const own = plan({ [subgroupAnnotation]: '' });
    expect(own?.path).toBe('/a.slice/runt-web.scope');
    expect(own?.belowUnit).toBeUndefined();
    // What systemd has made idle takes no weight: there it is left to systemd.
    expect(own?.writes.map(({ file }) => file)).not.toContain('cpu.weight');
  });

  test('without systemd it means nothing, as in crun', () => {
    expect(plan({ [subgroupAnnotation]: 'sub' }, 'cgroupfs')?.path).toBe('/web');
  });
});
