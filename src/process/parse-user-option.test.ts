/** Rule B9: what is a user id, and what only looks like one. */
import { expect, test } from 'vitest';
import { parseUserOption } from './parse-user-option.ts';

test.each([
  ['0', 0, undefined],
  ['1000', 1000, undefined],
  ['1000:50', 1000, 50],
  ['4294967294:4294967294', 4294967294, 4294967294],
  ['007', 7, undefined],
])('%s', (text, uid, gid) => {
  expect(parseUserOption(text)).toEqual({ uid, gid });
});

test.each([
  ...['', ':', '1:', ':1', '-1', '+1', ' 1', '1 ', '0x10', '1e3', '1.5', 'root', 'root:root', '1:-1', '1:2:3', '١'],
  ...['4294967295', '4294967296', '99999999999999999999', '1:4294967295', '1\n', '00000000001'],
])('refuses %j', (text) => {
  expect(() => parseUserOption(text)).toThrow(/^--user: bad [ug]id/);
});
