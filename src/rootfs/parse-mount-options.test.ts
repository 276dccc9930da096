/** Every option of the table, and every pair of options. [spec config.md#configLinuxMountOptions] */
import { describe, expect, test } from 'vitest';
import {
  MOUNT_ATTR__ATIME,
  MOUNT_ATTR_NOATIME,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NODIRATIME,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_NOSYMFOLLOW,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_STRICTATIME,
  MS_PRIVATE,
  MS_SHARED,
  MS_SLAVE,
  MS_UNBINDABLE,
} from '../kernel/flags.ts';
import { knownMountOptions, parseMountOptions } from './parse-mount-options.ts';

const parse = (...options: string[]) => parseMountOptions(options);
const keys = (list: readonly { readonly key: string }[]): string[] => list.map(({ key }) => key);

/** The specification's table, MUST, SHOULD and MAY. */
const specified =
  `async atime bind defaults dev diratime dirsync exec iversion lazytime loud mand noatime nodev nodiratime
  noexec noiversion nolazytime nomand norelatime nostrictatime nosuid nosymfollow private ratime rbind rdev rdiratime relatime
  remount rexec rnoatime rnodiratime rnoexec rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw
  rshared rslave rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime suid symfollow sync tmpcopyup
  unbindable`.split(/\s+/);

// [shows config.md#linux-mount-options/1..57 config.md#linux-mount-options/59 config.md#linux-mount-options/65]
test('every option of the table is known, and none goes to the file system', () => {
  expect(specified.filter((name) => !knownMountOptions.includes(name))).toEqual([]);
  for (const name of [...specified, 'idmap', 'ridmap', 'rnodev']) expect(parse(name).parameters, name).toEqual([]);
});

const bits: readonly (readonly [string, string, number])[] = [
  ['ro', 'rw', MOUNT_ATTR_RDONLY],
  ['nosuid', 'suid', MOUNT_ATTR_NOSUID],
  ['nodev', 'dev', MOUNT_ATTR_NODEV],
  ['noexec', 'exec', MOUNT_ATTR_NOEXEC],
  ['nodiratime', 'diratime', MOUNT_ATTR_NODIRATIME],
  ['nosymfollow', 'symfollow', MOUNT_ATTR_NOSYMFOLLOW],
];

test.each(bits)('%s and %s are opposites, alone and recursively', (set, clear, bit) => {
  expect(parse(set).attributes).toEqual({ set: bit, clear: 0 });
  expect(parse(clear).attributes).toEqual({ set: 0, clear: bit });
  expect(parse(set, clear).attributes).toEqual({ set: 0, clear: bit });
  expect(parse(clear, set).attributes).toEqual({ set: bit, clear: 0 });
  expect(parse(set).recursiveAttributes).toBeUndefined();
  expect(parse(`r${set}`)).toMatchObject({
    attributes: { set: 0, clear: 0 },
    recursiveAttributes: { set: bit, clear: 0 },
    mentionsAttributes: false,
  });
  expect(parse(`r${clear}`).recursiveAttributes).toEqual({ set: 0, clear: bit });
});

test.each([
  ['relatime', 0],
  ['noatime', MOUNT_ATTR_NOATIME],
  ['strictatime', MOUNT_ATTR_STRICTATIME],
  ['atime', 0],
  ['nostrictatime', 0],
])('%s chooses a value of the access time field', (name, value) => {
  expect(parse(name).attributes).toEqual({ set: value, clear: MOUNT_ATTR__ATIME });
  expect(parse('noatime', 'strictatime', name).attributes).toEqual({ set: value, clear: MOUNT_ATTR__ATIME });
  expect(parse(`r${name}`).recursiveAttributes).toEqual({ set: value, clear: MOUNT_ATTR__ATIME });
});

test.each(['defaults', 'norelatime', 'silent', 'loud'])('%s changes nothing', (name) => {
  expect(parse(name)).toEqual(parse());
});

test.each([
  ['private', MS_PRIVATE],
  ['shared', MS_SHARED],
  ['slave', MS_SLAVE],
  ['unbindable', MS_UNBINDABLE],
])('propagation %s, in the order given', (name, propagation) => {
  expect(parse(name, `r${name}`).propagation).toEqual([
    { propagation, recursive: false },
    { propagation, recursive: true },
  ]);
  expect(parse(name).mentionsAttributes).toBe(false);
});

test('superblock flags, set and cleared', () => {
  expect(keys(parse('iversion', 'lazytime', 'mand', 'dirsync', 'sync', 'ro').superblockSet)).toEqual([
    'ro',
    'sync',
    'dirsync',
    'mand',
    'lazytime',
    'iversion',
  ]);
  expect(keys(parse('rw', 'async', 'nomand', 'nolazytime', 'noiversion').superblockCleared)).toEqual([
    'rw',
    'async',
    'nomand',
    'nolazytime',
    'noiversion',
  ]);
  expect(parse('sync', 'async').superblockSet).toEqual([]);
  expect(parse('rro').superblockSet).toEqual([]);
  expect(parse('iversion').superblockSet[0]?.optional).toBe(true);
});

test('words', () => {
  expect(parse('bind')).toMatchObject({ bind: true, recursiveBind: false });
  expect(parse('rbind')).toMatchObject({ bind: true, recursiveBind: true });
  expect(parse('rbind', 'bind')).toMatchObject({ bind: true, recursiveBind: true });
  expect(parse('remount')).toMatchObject({ bind: false, remount: true });
  expect(parse('tmpcopyup').copyUp).toBe(true);
  expect(parse('idmap').idMap).toEqual({ recursive: false, text: '', option: 0 });
  expect(parse('ro', 'ridmap').idMap).toEqual({ recursive: true, text: '', option: 1 });
  expect(parse('idmap=uids=0-1-2;gids=0-1-2').idMap?.text).toBe('uids=0-1-2;gids=0-1-2');
  expect(parse('idmap=uids=0-1-2;gids=0-1-2').parameters).toEqual([]);
  expect(parse().idMap).toBeUndefined();
});

test('what is not in the table is for the file system', () => {
  const optional = false;
  expect(parse('nosuid', 'size=64k', 'newinstance', '', 'a=b=c', 'x,y=1').parameters).toEqual([
    { key: 'size', value: '64k', option: 1, optional },
    { key: 'newinstance', value: null, option: 2, optional },
    { key: 'a', value: 'b=c', option: 4, optional },
    { key: 'x', value: null, option: 5, optional },
    { key: 'y', value: '1', option: 5, optional },
  ]);
  expect(parse('lowerdir=/a\\,b').parameters[0]?.value).toBe('/a\\,b');
  expect(keys(parse('constructor', '__proto__', 'RO').parameters)).toEqual(['constructor', '__proto__', 'RO']);
});

describe('all pairs', () => {
  const parts = ['attributes', 'recursiveAttributes', 'propagation', 'superblockSet', 'superblockCleared'] as const;
  const all = [...knownMountOptions, 'idmap', 'size=1'];

  test.each(all)('%s with every other: the last wins, nothing is both set and cleared', (first) => {
    for (const second of all) {
      const both = parse(first, second);
      const alone = parse(second);
      for (const change of [both.attributes, both.recursiveAttributes]) {
        if (change !== undefined) expect(change.set & change.clear & ~MOUNT_ATTR__ATIME, second).toBe(0);
      }
      expect(both.attributes.set & alone.attributes.set, second).toBe(alone.attributes.set);
      expect(both.attributes.set & alone.attributes.clear & ~MOUNT_ATTR__ATIME, second).toBe(0);
      expect(both.bind, second).toBe(parse(first).bind || alone.bind);
      expect(both.propagation.length, second).toBe(parse(first).propagation.length + alone.propagation.length);
      const set = keys(both.superblockSet);
      for (const { key } of alone.superblockSet) expect(set, second).toContain(key);
    }
    for (const part of parts)
      expect(parse(first, first)[part]).toEqual(part === 'propagation' ? expect.anything() : parse(first)[part]);
  });
});
