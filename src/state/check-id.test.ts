import { expect, it } from 'vitest';
import { checkId, faultOfId } from './check-id.ts';

it.each(['a', 'web', 'A-b_c.d+1', '0', '_x', '+x', 'x'.repeat(255)])('allows %s', (id) => {
  expect(faultOfId(id)).toBeUndefined();
});

it.each([
  ['', 'is empty'],
  ['.', 'begins with "."'],
  ['..', 'begins with "."'],
  ['.hidden', 'begins with "."'],
  ['-rf', 'begins with "-"'],
  ['a/b', 'holds "/"'],
  ['../x', 'begins with "."'],
  ['a\nb', 'holds "\\n"'],
  ['a b', 'holds " "'],
  ['a\0', 'holds "\\u0000"'],
  ['é', 'holds "é"'],
  ['x'.repeat(256), 'is longer than 255'],
])('refuses %j', (id, reason) => {
  expect(faultOfId(id)).toBe(reason);
  expect(() => checkId(id)).toThrow('invalid container ID format');
});
