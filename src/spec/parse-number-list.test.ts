import { expect, test } from 'vitest';
import { formatRanges, isWithin, maskOf, parseNumberList } from './parse-number-list.ts';

test.each([
  ['', []],
  ['0', [[0, 0]]],
  ['0-3,7', [[0, 3], [7, 7]]], // biome-ignore format: one row
  [' 1 , ,2-4,', [[1, 1], [2, 4]]], // biome-ignore format: one row
  ['65535', [[65535, 65535]]],
])('%j', (text, want) => {
  expect(parseNumberList(text)).toEqual(want);
});

test.each([
  ['x', /a list such as 0-3,7 \(got "x"\)/],
  ['+1', /a list/],
  ['-1', /a list/],
  ['1-', /a list/],
  ['1-2-3', /a list/],
  ['0x10', /a list/],
  ['1234567890', /a list/],
  ['3-1', /backwards: 3-1/],
  ['65536', /above 65535/],
  [',', /names nothing/],
])('%j is refused', (text, words) => {
  expect(parseNumberList(text)).toMatch(words);
});

test('masks have as many words as their highest number needs', () => {
  const mask = (text: string) => maskOf(parseNumberList(text) as never);
  expect(mask('')).toHaveLength(0);
  expect([...mask('0-3,7')]).toEqual([0x8f, 0, 0, 0, 0, 0, 0, 0]);
  expect([...mask('63')]).toEqual([0, 0, 0, 0, 0, 0, 0, 0x80]);
  expect(mask('64')).toHaveLength(16);
  expect(mask('0-65535').every((byte) => byte === 255)).toBe(true);
  expect(mask('0-65535')).toHaveLength(8192);
  expect(mask('4000')[500]).toBe(1);
});

test('being within does not depend on the lengths', () => {
  expect(isWithin(Uint8Array.of(1, 0, 0), Uint8Array.of(3))).toBe(true);
  expect(isWithin(Uint8Array.of(1, 1), Uint8Array.of(3))).toBe(false);
  expect(isWithin(Uint8Array.of(4), Uint8Array.of(3, 9))).toBe(false);
});

test('ranges in words', () => {
  expect(formatRanges(parseNumberList('0-3, 7') as never)).toBe('0-3,7');
});
