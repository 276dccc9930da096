import { describe, expect, test } from 'vitest';
import { NO_LIMIT } from './cgroup-stats.ts';
import {
  parseCount,
  parseFlatKeys,
  parseHugePageSize,
  parseIo,
  parseMicroseconds,
  parsePressure,
  parseSingle,
} from './parse-cgroup-stats.ts';

test.each([
  ['0', 0],
  ['9007199254740991', 9007199254740991],
  ['9007199254740993', 9007199254740993n],
  ['18446744073709551615', 18446744073709551615n],
  ['max', NO_LIMIT],
  ['-4096', 0],
])('%s', (text, value) => {
  expect(parseCount(text)).toBe(value);
  expect(parseSingle(`${text}\n`)).toBe(value);
});

test.each(['', '-', '1e3', ' 1', '0x10', '1.5', 'MAX', '--1'])('%j is no number', (text) => {
  expect(() => parseCount(text)).toThrow('unexpected content');
});

test('microseconds become nanoseconds, digit for digit', () => {
  expect(parseMicroseconds('18014398509481985')).toBe(18014398509481985000n);
  expect(parseMicroseconds('5')).toBe(5000);
  expect(parseMicroseconds(undefined)).toBe(0);
});

test('flat keys', () => {
  expect([...parseFlatKeys('a 1\nb.c 2\n')]).toEqual([
    ['a', '1'],
    ['b.c', '2'],
  ]);
  for (const text of ['a\n', ' 1\n', 'a \n']) expect(() => parseFlatKeys(text)).toThrow('unexpected content');
});

describe('pressure', () => {
  test('both lines', () => {
    expect(
      parsePressure(
        'some avg10=19.53 avg60=0.05 avg300=100.00 total=193995742\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n',
      ),
    ).toEqual({
      some: { avg10: 19.53, avg60: 0.05, avg300: 100, total: 193995742 },
      full: { avg10: 0, avg60: 0, avg300: 0, total: 7 },
    });
  });
  test('a line that is missing is all zero', () => {
    expect(parsePressure('some avg10=1.00 avg60=0.00 avg300=0.00 total=1').full.total).toBe(0);
  });
  test.each(['some avg10=x total=1', 'some avg10=1.2.3', 'some avg10', 'some total=', 'full avg60=1.'])(
    '%j',
    (text) => {
      expect(() => parsePressure(text)).toThrow('unexpected content');
    },
  );
});

test('io: bytes and operations of each device; devices without numbers and unknown keys are left out', () => {
  const text =
    '8:0 rbytes=1024 wbytes=0 rios=3 wios=4 dbytes=0 dios=0\n253:1\n8:16 8:32 rbytes=5\n254:0 cost.usage=9\n';
  expect(parseIo(text)).toEqual({
    bytes: [
      { major: 8, minor: 0, operation: 'Read', value: 1024 },
      { major: 8, minor: 0, operation: 'Write', value: 0 },
      { major: 8, minor: 16, operation: 'Read', value: 5 },
    ],
    operations: [
      { major: 8, minor: 0, operation: 'Read', value: 3 },
      { major: 8, minor: 0, operation: 'Write', value: 4 },
    ],
  });
  expect(parseIo('')).toEqual({ bytes: [], operations: [] });
  for (const bad of ['x:0 rbytes=1', '8:0 rbytes=z']) expect(() => parseIo(bad)).toThrow('unexpected content');
});

test.each([
  ['hugepages-2048kB', '2MB'],
  ['hugepages-1048576kB', '1GB'],
  ['hugepages-64kB', '64KB'],
  ['hugepages-16777216kB', '16GB'],
  ['hugepages-x', undefined],
  ['hugepages-kB', undefined],
  ['.', undefined],
])('%s is %s', (name, size) => {
  expect(parseHugePageSize(name)).toBe(size);
});
