/** Strict JSON: security.md B13 and the hostile inputs 3, 4, 6-13. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compileProgram, makeDirectory, removeDirectory, runProgram } from './run-program.ts';

const directory = makeDirectory();
afterAll(() => removeDirectory(directory));

const program = compileProgram(
  directory,
  'json',
  `const fd = k.openat2(-100, argv[1], 0, 0, 0);
   const text = k.readAll(fd, 1 << 25);
   if (typeof text === 'number') { print('errno ' + k.errnoName(-text)); return 0; }
   const result = k.parseJson(text);
   if ('error' in result) { print([result.error, result.offset, result.line, result.column, result.pointer].join('|')); return 0; }
   const plain = (v) => v === null || typeof v !== 'object' ? v : Array.isArray(v) ? v.map(plain)
     : Object.getPrototypeOf(v) !== null ? 'HAS PROTOTYPE' : Object.fromEntries(Object.keys(v).map((key) => [key === '__proto__' ? 'PROTO' : key, plain(v[key])]));
   print(show(plain(result.value)));
   return 0;`,
);

function parse(text: string | Buffer): string {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'input'), text);
  const result = runProgram(program, [join(directory, 'input')]);
  expect(result.stderr).toBe('');
  return result.stdout.trimEnd();
}

const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test.each<[string | Buffer, string]>([
  ['{"a": [1, -2.5, true, false, null, "x"]}', '{"a":[1,-2.5,true,false,null,"x"]}'],
  ['18446744073709551615', '"18446744073709551615n"'],
  ['9007199254740991', '9007199254740991'],
  ['9007199254740993', '"9007199254740993n"'],
  ['-9223372036854775808', '"-9223372036854775808n"'],
  ['123456789012345678901234567890', '"123456789012345678901234567890n"'],
  ['-0', '0'],
  ['-0.0', '0'],
  ['1e3', '1000'],
  ['1e400', 'number out of range|0|1|1|'],
  ['{"a":{"b":[0,1e999]}}', 'number out of range|13|1|14|/a/b/1'],
  ['"\\ud83d\\ude00 \\u00e9\\n"', '"😀 é\\n"'],
  ['"\\ud800"', 'unpaired surrogate|1|1|2|'],
  ['"\\ude00"', 'unpaired surrogate|1|1|2|'],
  ['"\\ud800\\u0041"', 'unpaired surrogate|1|1|2|'],
  ['{"process":{"args":["ok","a\\u0000b"]}}', 'contains NUL|27|1|28|/process/args/1'],
  [Buffer.from('["a\0b"]'), 'contains NUL|3|1|4|/0'],
  [Buffer.from('{}\0'), 'trailing data after the value|2|1|3|'],
  ['{"hostname":"a",\n "hostname":"b"}', 'duplicate key|18|2|2|/hostname'],
  ['{"a":1,"\\u0061":2}', 'duplicate key|7|1|8|/a'],
  [
    '{"__proto__":{"privileged":true},"constructor":1,"toString":2}',
    '{"PROTO":{"privileged":true},"constructor":1,"toString":2}',
  ],
  ['{"__proto__":1,"__proto__":2}', 'duplicate key|15|1|16|/__proto__'],
  ['{"0":1,"0":2}', 'duplicate key|7|1|8|/0'],
  ['{"a/b~c":[nope]}', 'value expected|10|1|11|/a~1b~0c/0'],
  ['', 'unexpected end|0|1|1|'],
  [' '.repeat(3_000_000), 'unexpected end|3000000|1|3000001|'],
  ['{}x', 'trailing data after the value|2|1|3|'],
  ['[1,]', 'value expected|3|1|4|/1'],
  ['{"a":1,}', 'key in double quotes expected|7|1|8|'],
  ['{a:1}', 'key in double quotes expected|1|1|2|'],
  ['[1 2]', '"," or "]" expected|3|1|4|'],
  ['{"a" 1}', '":" expected|5|1|6|/a'],
  ['[NaN]', 'value expected|1|1|2|/0'],
  ['[01]', 'leading zero|1|1|2|/0'],
  ['[-]', 'digit expected|2|1|3|/0'],
  ['[1.]', 'digit expected|3|1|4|/0'],
  ['["\t"]', 'control character in a string|2|1|3|/0'],
  ['["\\x"]', 'unknown escape in a string|2|1|3|/0'],
  ['\ufeff{}', 'value expected|0|1|1|'],
  [Buffer.from([0x22, 0xff, 0xfe, 0x22]), 'errno EILSEQ'],
  [Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'errno EILSEQ'],
  [Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'errno EILSEQ'],
  ['{"é":\n"ü" x}', '"," or "}" expected|12|2|5|'],
])('table entry %#', (text, expected) => {
  expect(parse(text)).toBe(expected);
});

test('nesting: 64 levels are taken, 65 and ten million are not', () => {
  expect(parse(deep(64))).toBe(deep(64));
  for (const depth of [65, 10_000_000]) {
    expect(parse('['.repeat(depth))).toMatch(/^nesting deeper than 64\|64\|1\|65\|(\/0){64}$/);
  }
});

test('every truncation of a document is refused, none crashes', () => {
  const whole = JSON.stringify({ ociVersion: '1.2.0', process: { args: ['a', 'é'], n: -1.5e3, t: true, z: null } });
  const check = compileProgram(
    directory,
    'cut',
    `const whole = argv[1];
     let refused = 0;
     for (let length = 0; length < whole.length; length++) if ('error' in k.parseJson(whole.slice(0, length))) refused++;
     print(refused + ' ' + ('value' in k.parseJson(whole)));`,
  );
  expect(runProgram(check, [whole]).stdout).toBe(`${whole.length} true\n`);
});

test('jsonPosition counts to the value of a pointer', () => {
  const positions = compileProgram(
    directory,
    'position',
    `const text = '{"a":\\n  [1, {"b~/": "é", "c": [[], {}, "]"]}],\\n "d": 2}';
     for (const pointer of ['', '/a', '/a/1/b~0~1', '/a/1/c/2', '/d', '/a/2', '/x', '/d/0']) print(show(k.jsonPosition(text, pointer)) ?? 'absent');`,
  );
  expect(runProgram(positions).stdout.trimEnd().split('\n')).toEqual([
    '{"line":1,"column":1}',
    '{"line":2,"column":3}',
    '{"line":2,"column":15}',
    '{"line":2,"column":34}',
    '{"line":3,"column":7}',
    'absent',
    'absent',
    'absent',
  ]);
});
