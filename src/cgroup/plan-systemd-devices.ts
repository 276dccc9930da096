/**
 * Device rules -> DevicePolicy and DeviceAllow. systemd knows lists of what is allowed, and no rule for one minor number of
 * every major; the container's own program (plan-device-filter.ts) says it all and takes the place of systemd's. systemd's
 * list still matters: it makes its program again when it looks at the unit, and an access must then be allowed by both. So the
 * list is the rules exactly, and where it cannot be, systemd is told to allow everything and the program alone decides.
 * Pure. [man systemd.resource-control.5]
 */
import type { DeviceRule } from '../spec/generated/config-types.ts';
import { defaultDeviceRules } from './default-device-rules.ts';
import type { SystemdProperty } from './systemd-unit.ts';

interface Entry {
  readonly type: 'b' | 'c';
  /** undefined: every number. */
  readonly major: number | undefined;
  readonly minor: number | undefined;
  /** Letters of "rwm". */
  readonly access: string;
}

/** The access letters are checked by plan-device-filter.ts. */
export function planSystemdDevices(rules: readonly DeviceRule[] | undefined): readonly SystemdProperty[] {
  const entries = listAllowed(rules ?? []);
  const list = entries?.map(({ type, major, minor, access }) => [nameOf(type, major, minor), access]);
  const policy = list === undefined ? 'auto' : 'strict';
  return [
    { name: 'DevicePolicy', value: { signature: 's', value: policy } },
    { name: 'DeviceAllow', value: { signature: 'a(ss)', value: list ?? [] } },
  ];
}

function nameOf(type: 'b' | 'c', major: number | undefined, minor: number | undefined): string {
  const kind = type === 'b' ? 'block' : 'char';
  if (major === undefined) return `${kind}-*`;
  return minor === undefined ? `${kind}-${major}` : `/dev/${kind}/${major}:${minor}`;
}

/** undefined: everything is allowed, or it is no list of what is allowed. */
function listAllowed(rules: readonly DeviceRule[]): readonly Entry[] | undefined {
  let entries: Entry[] | undefined = [];
  for (const rule of rules) {
    if (isWhole(rule)) entries = rule.allow ? undefined : [];
    else if (entries === undefined) {
      // All but some: only a rule for everything makes a list of it again.
    } else {
      for (const change of changesOf(rule)) {
        entries = rule.allow ? allowed(entries, change) : denied(entries, change);
        if (entries === undefined) break;
      }
    }
  }
  for (const rule of defaultDeviceRules) {
    for (const change of changesOf(rule)) entries = entries === undefined ? undefined : allowed(entries, change);
  }
  return entries?.some(({ major, minor }) => major === undefined && minor !== undefined) ? undefined : entries;
}

const numberOf = (value: number | undefined): number | undefined => (value === -1 ? undefined : value);

function isWhole({ type, major, minor, access }: DeviceRule): boolean {
  const letters = access ?? '';
  const isAll = letters.includes('r') && letters.includes('w') && letters.includes('m');
  const isEvery = numberOf(major) === undefined && numberOf(minor) === undefined;
  return isAll && isEvery && type !== 'b' && type !== 'c';
}

/** A rule for both kinds of device is one for each. */
function changesOf({ type, major, minor, access }: DeviceRule): readonly Entry[] {
  const letters = access ?? '';
  const common = { major: numberOf(major), minor: numberOf(minor), access: letters };
  if (type === 'b' || type === 'c') return [{ type, ...common }];
  return [
    { type: 'b', ...common },
    { type: 'c', ...common },
  ];
}

const isSame = (a: Entry, b: Entry): boolean => a.type === b.type && a.major === b.major && a.minor === b.minor;
/** Everything that b is for, a is for too. */
const covers = (a: Entry, b: Entry): boolean =>
  a.type === b.type && (a.major === undefined || a.major === b.major) && (a.minor === undefined || a.minor === b.minor);
const letters = (wanted: (letter: string) => boolean): string => ['r', 'w', 'm'].filter(wanted).join('');

function allowed(entries: readonly Entry[], change: Entry): Entry[] {
  const other = entries.filter((entry) => !isSame(entry, change));
  const before = entries.find((entry) => isSame(entry, change))?.access ?? '';
  return [...other, { ...change, access: letters((each) => before.includes(each) || change.access.includes(each)) }];
}

/** undefined: it denies a part of what one entry allows, which a list cannot say. */
function denied(entries: readonly Entry[], change: Entry): Entry[] | undefined {
  const left: Entry[] = [];
  for (const entry of entries) {
    const isTouched = letters((each) => entry.access.includes(each) && change.access.includes(each)) !== '';
    if (isTouched && covers(change, entry)) {
      const access = letters((each) => entry.access.includes(each) && !change.access.includes(each));
      if (access !== '') left.push({ ...entry, access });
    } else if (isTouched && overlaps(entry, change)) return undefined;
    else left.push(entry);
  }
  return left;
}

function overlaps(a: Entry, b: Entry): boolean {
  const meet = (x: number | undefined, y: number | undefined) => x === undefined || y === undefined || x === y;
  return a.type === b.type && meet(a.major, b.major) && meet(a.minor, b.minor);
}
