import { expect, it } from 'vitest';
import { parseSignal } from './signal-names.ts';

it.each([
  ['TERM', 15],
  ['SIGTERM', 15],
  ['sigterm', 15],
  ['term', 15],
  ['Kill', 9],
  ['9', 9],
  ['HUP', 1],
  ['USR1', 10],
  ['CHLD', 17],
  ['WINCH', 28],
  ['SYS', 31],
  ['POLL', 29],
  ['IOT', 6],
  ['RTMIN', 34],
  ['RTMIN+3', 37],
  ['SIGRTMAX', 64],
  ['RTMAX-1', 63],
  ['64', 64],
  ['0', 0],
])('%s is %d', (text, number) => expect(parseSignal(text)).toBe(number));

it.each(['FOO', '', 'SIG', '-9', 'SIGSIGTERM', 'RTMAX+1'])('%j is unknown', (text) => {
  expect(() => parseSignal(text)).toThrow('unknown signal');
});

it.each(['65', '999', '9x', '1e1', '9.5'])('%s is out of range', (text) => {
  expect(() => parseSignal(text)).toThrow('out of range');
});
