/** Names to masks, and masks to what the kernel grants. [spec config.md#linux-process] (rule B10) */
import { expect, test } from 'vitest';
import { capabilityNames } from '../spec/capability-names.ts';
import { grantCapabilities, namesOf, planCapabilities } from './plan-capabilities.ts';

const pointer = '/process/capabilities';
const all = (1n << 41n) - 1n;
const bit = (name: string): bigint => 1n << BigInt(capabilityNames.indexOf(name));

test.each(capabilityNames.map((name, number) => ({ name, number })))('$name is bit $number', ({ name, number }) => {
  const { sets, warnings } = planCapabilities({ bounding: [name] }, pointer);
  expect(sets).toEqual({ bounding: 1n << BigInt(number), effective: 0n, permitted: 0n, inheritable: 0n, ambient: 0n });
  expect(warnings).toEqual([]);
});

test('there are 41, of which these are known by heart [man capabilities.7]', () => {
  expect(capabilityNames).toHaveLength(41);
  expect(bit('CAP_KILL')).toBe(1n << 5n);
  expect(bit('CAP_SYS_ADMIN')).toBe(1n << 21n);
  expect(bit('CAP_AUDIT_CONTROL')).toBe(1n << 30n);
  expect(bit('CAP_SETFCAP')).toBe(1n << 31n);
  expect(bit('CAP_MAC_OVERRIDE')).toBe(1n << 32n);
  expect(bit('CAP_CHECKPOINT_RESTORE')).toBe(1n << 40n);
  expect(planCapabilities({ permitted: capabilityNames }, pointer).sets?.permitted).toBe(all);
  expect(namesOf(all)).toEqual(capabilityNames);
});

test('each set is its own', () => {
  const { sets } = planCapabilities(
    {
      bounding: ['CAP_CHOWN'],
      effective: ['CAP_KILL'],
      permitted: ['CAP_BPF'],
      inheritable: ['CAP_LEASE'],
      ambient: ['CAP_SYSLOG'],
    },
    pointer,
  );
  expect(sets).toEqual({
    bounding: bit('CAP_CHOWN'),
    effective: bit('CAP_KILL'),
    permitted: bit('CAP_BPF'),
    inheritable: bit('CAP_LEASE'),
    ambient: bit('CAP_SYSLOG'),
  });
});

test('unknown names are warned about with their place, and nothing else is lost', () => {
  const { sets, warnings } = planCapabilities({ ambient: ['CAP_KILL', 'CAP_PIG', 'kill'] }, pointer);
  expect(sets?.ambient).toBe(bit('CAP_KILL'));
  expect(warnings).toEqual([
    '/process/capabilities/ambient/1: unknown capability "CAP_PIG": not granted',
    '/process/capabilities/ambient/2: unknown capability "kill": not granted',
  ]);
});

test('said nothing, changed nothing', () => {
  expect(planCapabilities(undefined, pointer)).toEqual({ sets: undefined, warnings: [] });
  expect(grantCapabilities(undefined, 0n, pointer)).toEqual({ sets: undefined, warnings: [] });
});

const same = (mask: bigint) => ({
  bounding: mask,
  effective: mask,
  permitted: mask,
  inheritable: mask,
  ambient: mask,
});

test('a host without CAP_SYS_RESOURCE grants the rest and says so', () => {
  const missing = bit('CAP_SYS_RESOURCE');
  const { sets, warnings } = grantCapabilities(same(all), all & ~missing, pointer);
  expect(sets).toEqual(same(all & ~missing));
  expect(warnings).toEqual(['/process/capabilities: not granted, runt does not have them itself: CAP_SYS_RESOURCE']);
});

test('what is not asked for is not missed', () => {
  const asked = bit('CAP_KILL');
  expect(grantCapabilities(same(asked), asked, pointer)).toEqual({ sets: same(asked), warnings: [] });
});

test('over all combinations of one capability the result obeys the kernel', () => {
  for (let bits = 0; bits < 64; bits++) {
    const on = (shift: number): bigint => BigInt((bits >> shift) & 1);
    const asked = { bounding: on(0), effective: on(1), permitted: on(2), inheritable: on(3), ambient: on(4) };
    const { sets } = grantCapabilities(asked, on(5), pointer);
    if (sets === undefined) throw new Error('no sets');
    // capset(2) and prctl(2), each rule that would make the call EPERM.
    expect(sets.effective & ~sets.permitted).toBe(0n);
    expect(sets.permitted & ~on(5)).toBe(0n);
    expect(sets.inheritable & ~sets.bounding).toBe(0n);
    expect(sets.ambient & ~(sets.permitted & sets.inheritable)).toBe(0n);
    // Never more than was asked for.
    for (const name of ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const) {
      expect(sets[name] & ~asked[name]).toBe(0n);
    }
  }
});
