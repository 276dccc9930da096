import { expect, test } from 'vitest';
import { parseIdPattern } from './parse-id-pattern.ts';

test.each([
  ['web', 'my-web-1', true],
  ['^web$', 'my-web', false],
  ['^web-[0-9]+$', 'web-12', true],
  ['web-(1|3)', 'web-2', false],
  ['a{2,3}', 'baaab', true],
  ['^[^-]+$', 'a-b', false],
  ['.', 'x', true],
  ['x\\.y', 'xay', false],
  ['^(a+)+$', 'aaaa', true],
])('%s on %s: %s', (pattern, id, expected) => {
  expect(parseIdPattern(pattern)(id)).toBe(expected);
});

test.each([
  ['', 'is empty'],
  ['(', 'invalid regular expression "("'],
  ['[', 'invalid regular expression "["'],
  ['*', 'invalid regular expression "*"'],
  ['a{2,1}', 'invalid regular expression'],
  ['[[:digit:]]', 'holds "[:": write the characters out'],
  ['[a[:digit:]]', 'holds "[:"'],
  ['[^[:digit:]]', 'holds "[:"'],
  ['[[.hyphen.]]', 'holds "[."'],
  ['[[=a=]]', 'holds "[="'],
  ['a'.repeat(1025), 'is longer than 1024'],
])('%s is refused', (pattern, message) => {
  expect(() => parseIdPattern(pattern)).toThrow(message);
});

test('brackets that hold a point or an equals sign are JavaScript’s and POSIX’ alike', () => {
  expect(parseIdPattern('[.]x')('a.x')).toBe(true);
  expect(parseIdPattern('[=.]')('a.x')).toBe(true);
});
