import { expect, it } from 'vitest';
import { isAliveState, parseProcessStat } from './parse-process-stat.ts';

const tail = (state: string, start: string) => `${state} 1 2 3 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 ${start} 0 0\n`;

it.each([
  [`100 (sh) ${tail('S', '12400')}`, { state: 'S', startTime: 12400 }],
  [`100 (a) b) Z 9) ${tail('R', '1')}`, { state: 'R', startTime: 1 }],
  [`100 () ${tail('Z', '7')}`, { state: 'Z', startTime: 7 }],
  ['', undefined],
  ['100 (sh) S 1', undefined],
  [`100 (sh) ${tail('S', 'x')}`, undefined],
])('%j', (text, expected) => expect(parseProcessStat(text)).toEqual(expected));

it.each([
  ['R', true],
  ['S', true],
  ['D', true],
  ['T', true],
  ['Z', false],
  ['X', false],
])('%s is alive: %s', (state, alive) => expect(isAliveState(state)).toBe(alive));
