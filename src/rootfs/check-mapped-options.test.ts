import { expect, test } from 'vitest';
import { checkMappedOptions } from './check-mapped-options.ts';

const maps = {
  uid: [{ containerID: 0, hostID: 1000, size: 1 }],
  gid: [
    { containerID: 0, hostID: 1000, size: 1 },
    { containerID: 5, hostID: 3000, size: 2 },
  ],
};
const check = (key: string, value: string | null) =>
  checkMappedOptions([{ key, value, option: 3, optional: false }], maps, '/mounts/2');

test.each([
  ['uid', '0'],
  ['gid', '5'],
  ['gid', '6'],
  ['uid', 'root'],
  ['uid', null],
  ['size', '64'],
  ['uid', ''],
] as const)('%s=%s', (key, value) => {
  expect(() => check(key, value)).not.toThrow();
});

test.each([
  ['uid', '5'],
  ['gid', '4'],
  ['gid', '7'],
  ['uid', '99999999999999999999'],
])('%s=%s is not mapped', (key, value) => {
  expect(() => check(key, value)).toThrow(`/mounts/2/options/3: cannot specify ${key}=${value} mount option`);
});
