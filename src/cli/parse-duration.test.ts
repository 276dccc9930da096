import { expect, test } from 'vitest';
import { parseDuration } from './parse-duration.ts';

test.each([
  ['5s', 5000],
  ['100ms', 100],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['1.s', 1000],
  ['2us', 0.002],
  ['2\u00b5s', 0.002],
  ['3000000ns', 3],
  ['+1s', 1000],
  ['-1s', -1000],
  ['0', 0],
  ['0s', 0],
])('%s is %d ms', (text, expected) => {
  expect(parseDuration(text)).toBeCloseTo(expected, 9);
});

test.each(['', '5', 's', '5 s', '1.2.3s', '.s', '5d', '1h5', '-', '9999999h', '5S', '1e3s'])('%j is none', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
