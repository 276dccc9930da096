import { expect, test } from 'vitest';
import type { Resources } from '../spec/config-types.ts';
import { askedResources, mergeResources } from './plan-merged-resources.ts';

const merge = (saved: object, asked: object) => mergeResources(saved as Resources, askedResources(asked as Resources));

test.each<readonly [string, object, object, object]>([
  ['nothing', { pids: { limit: 1 } }, {}, { pids: { limit: 1 } }],
  [
    'what runc’s example shows',
    { memory: { limit: 5 } },
    {
      memory: { limit: 0, reservation: 0, swap: 0, checkBeforeUpdate: true },
      cpu: { shares: 0, quota: 0, period: 0, cpus: '', mems: '' },
      blockIO: { weight: 0 },
    },
    { memory: { limit: 5, checkBeforeUpdate: true } },
  ],
  [
    'zero where it is a value',
    {},
    { cpu: { idle: 0, burst: 0 }, pids: { limit: 0 } },
    { cpu: { idle: 0, burst: 0 }, pids: { limit: 0 } },
  ],
  [
    'huge pages by size',
    {
      hugepageLimits: [
        { pageSize: '2MB', limit: 1 },
        { pageSize: '1GB', limit: 2 },
      ],
    },
    { hugepageLimits: [{ pageSize: '2MB', limit: 0 }] },
    {
      hugepageLimits: [
        { pageSize: '2MB', limit: 0 },
        { pageSize: '1GB', limit: 2 },
      ],
    },
  ],
  [
    'rdma by device and by limit',
    { rdma: { a: { hcaHandles: 1, hcaObjects: 2 }, b: { hcaObjects: 3 } } },
    { rdma: { a: { hcaObjects: 9 }, c: { hcaHandles: 4 } } },
    { rdma: { a: { hcaHandles: 1, hcaObjects: 9 }, b: { hcaObjects: 3 }, c: { hcaHandles: 4 } } },
  ],
  [
    'weights by device',
    { blockIO: { weight: 20, weightDevice: [{ major: 8, minor: 0, weight: 10 }] } },
    {
      blockIO: {
        weightDevice: [
          { major: 8, minor: 1, weight: 30 },
          { major: 8, minor: 0, weight: 40 },
        ],
      },
    },
    {
      blockIO: {
        weight: 20,
        weightDevice: [
          { major: 8, minor: 0, weight: 40 },
          { major: 8, minor: 1, weight: 30 },
        ],
      },
    },
  ],
  [
    'swap goes with a limit that goes',
    { memory: { limit: 5, swap: 9 } },
    { memory: { limit: -1 } },
    { memory: { limit: -1 } },
  ],
  [
    'unless it is asked for',
    { memory: { limit: 5, swap: 9 } },
    { memory: { limit: -1, swap: 7 } },
    { memory: { limit: -1, swap: 7 } },
  ],
  [
    'device rules stay',
    { devices: [{ allow: false }] },
    { devices: [{ allow: true }] },
    { devices: [{ allow: false }] },
  ],
])('%s', (_, saved, asked, merged) => {
  expect(merge(saved, asked)).toEqual(merged);
});

test('a key of a hostile file stays a key', () => {
  const unified = JSON.parse('{"__proto__": "1", "a.constructor": "2"}');
  const merged = merge({ unified: { 'a.b': '0' } }, { unified: Object.assign(Object.create(null), unified) });
  expect(Object.getPrototypeOf(merged.unified)).toBeNull();
  expect(Object.keys(merged.unified ?? {})).toEqual(['a.b', '__proto__', 'a.constructor']);
});
