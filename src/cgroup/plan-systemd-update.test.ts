import { expect, test } from 'vitest';
import type { Resources } from '../spec/generated/config-types.ts';
import { mergeResources } from './plan-merged-resources.ts';
import { planSystemdUpdate } from './plan-systemd-update.ts';

const INFINITY = 0xffffffffffffffffn;

function update(before: Resources, asked: Resources): Record<string, readonly unknown[]> {
  const { properties, restore } = planSystemdUpdate(before, asked, mergeResources(before, asked));
  return Object.fromEntries(
    properties.map(({ name, value }, index) => [name, [value.value, restore[index]?.value.value]]),
  );
}

test.each<[Resources, Resources, Record<string, readonly unknown[]>]>([
  [{}, {}, {}],
  [{ memory: { limit: 8192 } }, { memory: { limit: 4096 } }, { MemoryMax: [4096n, 8192n] }],
  [{}, { memory: { limit: 4096, reservation: 1 } }, { MemoryMax: [4096n, INFINITY], MemoryLow: [1n, 0n] }],
  [{ memory: { limit: 4096 } }, { memory: { swap: 8192 } }, { MemorySwapMax: [4096n, INFINITY] }],
  [{ pids: { limit: 9 } }, { pids: { limit: -1 } }, { TasksMax: [INFINITY, 9n] }],
  [
    {},
    { cpu: { shares: 1024, cpus: '0' } },
    { CPUWeight: [100n, INFINITY], AllowedCPUs: [new Uint8Array([1]), new Uint8Array(0)] },
  ],
  [
    { cpu: { period: 50000 } },
    { cpu: { quota: 25000 } },
    { CPUQuotaPeriodUSec: [50000n, 50000n], CPUQuotaPerSecUSec: [500000n, INFINITY] },
  ],
  [{}, { unified: { 'memory.high': '4096', 'memory.oom.group': '1' } }, { MemoryHigh: [4096n, INFINITY] }],
])('%j and then %j', (before, asked, expected) => {
  expect(update(before, asked)).toEqual(expected);
});
