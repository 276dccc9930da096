import { expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from '../base/utf8.ts';
import { filterPsTable } from './parse-ps-table.ts';

const table = `UID          PID    PPID  C STIME TTY          TIME CMD
root           1       0  0 10:00 ?        00:00:01 /sbin/init
root          42       1  0 10:00 ?        00:00:00 sleep 421
1000         421      42  0 10:01 ?        00:00:00 sh -c echo 42
`;
const filter = (text: string, pids: readonly number[]) => decodeUtf8(filterPsTable(encodeUtf8(text), pids));
const lines = table.split('\n');

test('the title and the lines of these pids, and not what merely contains their digits', () => {
  expect(filter(table, [42])).toBe(`${lines[0]}\n${lines[2]}\n`);
  expect(filter(table, [421, 1])).toBe(`${lines[0]}\n${lines[1]}\n${lines[3]}\n`);
});

test('no processes: only the title', () => {
  expect(filter(table, [])).toBe(`${lines[0]}\n`);
});

test('the column is where the title says, also as the first or the only one', () => {
  expect(filter('  PID CMD\n   7 a\n   8 b\n', [8])).toBe('  PID CMD\n   8 b\n');
  expect(filter('PID\n7\n8', [8])).toBe('PID\n8\n');
});

test('bytes that are no UTF-8 pass through', () => {
  const bytes = new Uint8Array([0x50, 0x49, 0x44, 0x0a, 0x37, 0x20, 0xff, 0xfe, 0x0a]);
  expect([...filterPsTable(bytes, [7])]).toEqual([...bytes]);
});

test.each([
  ['COMMAND\ninit\n', "couldn't find PID field in ps output"],
  ['', "couldn't find PID field in ps output"],
  ['PPIDS PIDX\n1 2\n', "couldn't find PID field in ps output"],
  ['PID CMD\nx y\n', 'unable to parse pid: "x"'],
  ['A PID\nonly\n', 'unable to parse pid: ""'],
])('%j is no table of processes', (text, message) => {
  expect(() => filter(text, [1])).toThrow(message);
});
