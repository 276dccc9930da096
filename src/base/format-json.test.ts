import { expect, test } from 'vitest';
import { formatJson } from './format-json.ts';

const values: readonly [string, unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['a text with quotes, controls and a lone surrogate', '"\\\n\u0000\u2028\ud800ä'],
  ['an empty object and an empty array', { a: {}, b: [] }],
  ['undefined members, undefined entries', { a: undefined, b: [undefined, 1], c: { d: undefined } }],
  ['nested arrays and objects', [1, [2, [3, { a: [true, false, null] }]], { b: { c: 'd' } }]],
  ['names that mean something to JavaScript', { toJSON: 'a', constructor: 'b', length: 1 }],
  ['numbers', [0, -0, 1.5, 1e21, Number.MAX_SAFE_INTEGER]],
];

for (const indent of ['', '  ', '\t'])
  test.each(values)(`%s, indented by ${JSON.stringify(indent)}: the same beside a BigInt`, (_, value) => {
    const text = formatJson([value, 1], indent);
    expect(formatJson([value, 1n], indent)).toBe(text);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify([value, 1])));
  });

test('a BigInt is written digit for digit', () => {
  expect(formatJson({ limit: 18446744073709551615n, min: -9223372036854775808n })).toBe(
    '{"limit":18446744073709551615,"min":-9223372036854775808}',
  );
});

test("Go's forms", () => {
  const value = { a: [1, 'b'], c: {}, d: [] };
  expect(formatJson(value)).toBe('{"a":[1,"b"],"c":{},"d":[]}');
  expect(formatJson(value, '  ')).toBe('{\n  "a": [\n    1,\n    "b"\n  ],\n  "c": {},\n  "d": []\n}');
});
