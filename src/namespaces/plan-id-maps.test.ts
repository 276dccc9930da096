import { describe, expect, test } from 'vitest';
import type { Config, IdMapping } from '../spec/config-types.ts';
import { planIdMaps } from './plan-id-maps.ts';

const root = { euid: 0, egid: 0 };
const whole: readonly IdMapping[] = [{ containerID: 0, hostID: 100000, size: 65536 }];

function configOf(uidMappings: readonly IdMapping[], gidMappings: readonly IdMapping[] = whole): Config {
  return { ociVersion: '1.3.0', root: { path: 'r' }, linux: { uidMappings, gidMappings } };
}

test('one line for each mapping', () => {
  const uids = [...whole, { containerID: 70000, hostID: 1, size: 2 }];
  expect(planIdMaps(configOf(uids), true, root)).toEqual({
    uidMap: '0 100000 65536\n70000 1 2\n',
    gidMap: '0 100000 65536\n',
    setgroups: 'allow',
  });
});

describe('an ordinary user', () => {
  const user = { euid: 1000, egid: 100 };
  const own = (hostID: number): readonly IdMapping[] => [{ containerID: 0, hostID, size: 1 }];
  const ranges = [...own(1000), { containerID: 1, hostID: 100000, size: 65536 }];

  test('writes its own id, and denies setgroups for it [CVE-2014-8989]', () => {
    expect(planIdMaps(configOf(own(1000), own(100)), true, user)).toEqual({
      uidMap: '0 1000 1\n',
      gidMap: '0 100 1\n',
      setgroups: 'deny',
      tools: {},
    });
  });

  test('leaves ranges to newuidmap and newgidmap', () => {
    const plan = planIdMaps(configOf(ranges, [{ containerID: 0, hostID: 200000, size: 10 }]), true, user);
    expect(plan).toMatchObject({
      setgroups: 'allow',
      tools: { newuidmap: ['0', '1000', '1', '1', '100000', '65536'], newgidmap: ['0', '200000', '10'] },
    });
  });

  test.each([
    ['the id of another', own(1001), own(100), ['newuidmap']],
    ['the group of another', own(1000), own(1000), ['newgidmap']],
    ['two ids', [{ containerID: 0, hostID: 1000, size: 2 }], own(100), ['newuidmap']],
  ] as const)('%s needs a tool', (_, uids, gids, names) => {
    const plan = planIdMaps(configOf(uids, gids), true, user);
    expect(Object.keys(plan?.tools ?? {})).toEqual(names);
    expect(plan?.setgroups).toBe(names[0] === 'newgidmap' ? 'allow' : 'deny');
  });
});

test('no new user namespace, no maps', () => {
  expect(planIdMaps(configOf(whole), false, root)).toBeUndefined();
});

test.each([
  ['root is not mapped', [{ containerID: 1, hostID: 1, size: 10 }], 'id 0 of the container is not mapped'],
  ['an empty range maps nothing', [{ containerID: 0, hostID: 1, size: 0 }], 'id 0 of the container is not mapped'],
  [
    'more lines than the kernel takes',
    Array.from({ length: 341 }, (_, i) => ({ containerID: i, hostID: i, size: 1 })),
    '341',
  ],
] as const)('%s', (_, uids, text) => {
  expect(() => planIdMaps(configOf(uids), true, root)).toThrow(text);
  expect(() => planIdMaps(configOf(uids), true, root)).toThrow('/linux/uidMappings');
});
