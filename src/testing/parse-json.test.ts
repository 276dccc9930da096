import { expect, test } from 'vitest';
import { parseJson } from './parse-json.ts';

test('values', () => {
  expect(parseJson(' [1, -2.5e1, "a\\n\\u00e9", true, false, null, {}] ')).toEqual([
    1,
    -25,
    'a\né',
    true,
    false,
    null,
    {},
  ]);
  expect(parseJson('[9007199254740991, 9007199254740992, -9007199254740993]')).toEqual([
    9007199254740991,
    9007199254740992n,
    -9007199254740993n,
  ]);
  expect(Object.getPrototypeOf(parseJson('{"a":{}}'))).toBeNull();
  expect(Object.keys(parseJson('{"__proto__":1}') as object)).toEqual(['__proto__']);
});

test.each([
  '',
  '{',
  '[1,]',
  '{"a":1,}',
  '{"a":1,"a":2}',
  '01',
  '1 2',
  'NaN',
  '"\u0000"',
  '"\\ud800"',
  "{'a':1}",
  '\ufeff1',
  '['.repeat(70),
])('refused: %j', (text) => {
  expect(() => parseJson(text)).toThrow();
});
