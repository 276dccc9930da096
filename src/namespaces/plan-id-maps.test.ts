import { expect, test } from 'vitest';
import type { Config, IdMapping } from '../spec/config-types.ts';
import { planIdMaps } from './plan-id-maps.ts';

const whole: readonly IdMapping[] = [{ containerID: 0, hostID: 100000, size: 65536 }];

function configOf(uidMappings: readonly IdMapping[], gidMappings: readonly IdMapping[] = whole): Config {
  return { ociVersion: '1.3.0', root: { path: 'r' }, linux: { uidMappings, gidMappings } };
}

test('one line for each mapping', () => {
  const uids = [...whole, { containerID: 70000, hostID: 1, size: 2 }];
  expect(planIdMaps(configOf(uids), true, 0)).toEqual({
    uidMap: '0 100000 65536\n70000 1 2\n',
    gidMap: '0 100000 65536\n',
    setgroups: 'allow',
  });
});

test('an unprivileged writer denies setgroups [CVE-2014-8989]', () => {
  expect(planIdMaps(configOf(whole), true, 1000)?.setgroups).toBe('deny');
});

test('no new user namespace, no maps', () => {
  expect(planIdMaps(configOf(whole), false, 0)).toBeUndefined();
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
  expect(() => planIdMaps(configOf(uids), true, 0)).toThrow(text);
  expect(() => planIdMaps(configOf(uids), true, 0)).toThrow('/linux/uidMappings');
});
