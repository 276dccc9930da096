import { expect, test } from 'vitest';
import { formatFaults } from './format-faults.ts';

const positions: { readonly [pointer: string]: { line: number; column: number } } = {
  '': { line: 1, column: 1 },
  '/process': { line: 2, column: 15 },
  '/process/cwd': { line: 12, column: 5 },
};
const position = (pointer: string) => positions[pointer];

test('one fault: place, pointer, what, what would be right', () => {
  const fault = { pointer: '/process/cwd', what: 'must be an absolute path (got "x")', right: 'write e.g. "/x"' };
  expect(formatFaults('config.json', [fault], position)).toEqual({
    message: 'config.json:12:5: /process/cwd: must be an absolute path (got "x"): write e.g. "/x"',
    faults: [{ ...fault, line: 12, column: 5 }],
  });
});

test('several: counted, in the order of the file; a missing property is placed at its parent', () => {
  const faults = [
    { pointer: '/process/cwd', what: 'is bad' },
    { pointer: '/process/args', what: 'is missing' },
    { pointer: '', what: 'is odd' },
  ];
  expect(formatFaults('c', faults, position).message).toBe(
    '3 faults: c:1:1: is odd; c:2:15: /process/args: is missing; c:12:5: /process/cwd: is bad',
  );
});

test('without positions only the file is named', () => {
  expect(formatFaults('c', [{ pointer: '/a', what: 'is bad' }], () => undefined).message).toBe('c: /a: is bad');
});

test('control characters of a hostile file reach no terminal', () => {
  const { message } = formatFaults('c', [{ pointer: '/a\n\u001b[2J\0\u009b', what: 'is bad' }], () => undefined);
  expect(message).toBe('c: /a\\u000a\\u001b[2J\\u0000\\u009b: is bad');
});

test('of very many faults the line shows some and counts the rest', () => {
  const faults = Array.from({ length: 5000 }, (_, i) => ({ pointer: `/a/${i}`, what: 'is bad' }));
  let lookups = 0;
  const formatted = formatFaults('c', faults, () => {
    lookups++;
    return { line: 1, column: 1 };
  });
  expect(formatted.message).toMatch(/^5000 faults: c:1:1: \/a\/0: is bad; .*; and 4950 more$/);
  expect(formatted.faults).toHaveLength(200);
  expect(lookups).toBe(200);
});
