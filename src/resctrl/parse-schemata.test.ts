import { expect, test } from 'vitest';
import { parseResctrlMounts } from './parse-resctrl-mounts.ts';
import { findSchemaDifference, parseSchemata } from './parse-schemata.ts';

test.each([
  ['L3:0=7f0;1=1f', '    L3:0=7f0;1=01f\n', undefined],
  ['L3:0=7F0', 'L3:0=7f0;1=1f', undefined],
  ['MB:0=20', '    MB:0= 20;1= 70', undefined],
  ['L3:0=0', 'L3:0=000', undefined],
  ['L3:0=7f0;1=1f', 'L3:0=7f0;1=3f', 'L3:1'],
  ['L3:2=1', 'L3:0=1', 'L3:2'],
  ['L2:0=1', 'L3:0=1', 'L2:0'],
  ['L3:0=1\nMB:0=10', 'MB:0=20\nL3:0=1', 'MB:0'],
])('%j against %j: %s', (wanted, actual, expected) => {
  expect(findSchemaDifference(parseSchemata(wanted), parseSchemata(actual))).toBe(expected);
});

test('mounts of resctrl', () => {
  const lines = [
    '24 1 0:22 / /proc rw shared:1 - proc proc rw',
    '30 1 0:25 / /mnt/with\\040blank\\134 rw shared:9 - resctrl resctrl rw',
    '31 1 0:25 / /sys/fs/resctrl rw - resctrl none rw,mba_MBps',
    '32 1 0:26 / /mnt/-\\040resctrl rw - tmpfs resctrl rw',
    'half a line',
  ];
  expect(parseResctrlMounts(lines.join('\n'))).toEqual(['/mnt/with blank\\', '/sys/fs/resctrl']);
});
