import { expect, test } from 'vitest';
import { commands } from '../cli/command-table.ts';
import { flagAt, parseResourceFlags, parseSize, resourceFlags } from './parse-resource-flags.ts';

test.each<readonly [string, bigint | undefined]>([
  ['0', 0n],
  ['512', 512n],
  ['512b', 512n],
  ['64k', 65536n],
  ['64K', 65536n],
  ['64kb', 65536n],
  ['64KiB', 65536n],
  ['32m', 33554432n],
  ['1.5g', 1610612736n],
  ['.5g', 536870912n],
  ['1.g', 1073741824n],
  ['2 GB', 2147483648n],
  ['1t', 1099511627776n],
  ['1p', 1125899906842624n],
  ['9007199254740993', 9007199254740993n],
  ['0.1k', 102n],
  ['', undefined],
  ['m', undefined],
  ['.', undefined],
  ['-5', undefined],
  ['5e3', undefined],
  ['1.2.3m', undefined],
  ['1  g', undefined],
  ['5mm', undefined],
  ['5bb', undefined],
  ['5ki', undefined],
  ['5x', undefined],
  ['0x10', undefined],
  ['1,5g', undefined],
  ['Infinity', undefined],
])('size %j', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test('every flag has its place', () => {
  const texts: { readonly [kind: string]: string } = { size: '-1', integer: '5', text: '0-1' };
  const values = new Map(resourceFlags.map(({ flag, kind }) => [flag, texts[kind] ?? '']));
  expect(parseResourceFlags(values)).toEqual({
    blockIO: { weight: 5 },
    cpu: {
      period: 5,
      quota: 5,
      burst: 5,
      shares: 5,
      realtimePeriod: 5,
      realtimeRuntime: 5,
      cpus: '0-1',
      mems: '0-1',
      idle: 5,
    },
    memory: { kernel: -1, kernelTCP: -1, limit: -1, reservation: -1, swap: -1 },
    pids: { limit: 5 },
  });
  for (const { flag, pointer } of resourceFlags) expect(flagAt(pointer)).toBe(`--${flag}`);
});

test('the table of flags and the command line know the same ones', () => {
  const update = commands.find(({ name }) => name === 'update');
  const others = ['resources', 'l3-cache-schema', 'mem-bw-schema'];
  const flags = (update?.flags ?? []).map(({ name }) => name).filter((name) => !others.includes(name));
  expect(flags.sort()).toEqual(resourceFlags.map(({ flag }) => flag).sort());
});

test('an empty value is none; 64 bits stay exact', () => {
  expect(parseResourceFlags(new Map([['memory', '']]))).toEqual({});
  expect(parseResourceFlags(new Map([['cpu-quota', '-9223372036854775808']]))).toEqual({
    cpu: { quota: -9223372036854775808n },
  });
});

test.each([
  ['memory', '5x', '--memory: invalid value for memory: "5x" is not a size'],
  ['memory', '-2', '--memory: invalid value for memory: "-2" is not a size'],
  ['cpu-share', '1k', '--cpu-share: invalid value for cpu-share: "1k" is not a whole number'],
  ['cpu-quota', '--5', 'is not a whole number'],
  ['cpu-quota', '5.5', 'is not a whole number'],
])('--%s %s is refused', (flag, text, message) => {
  expect(() => parseResourceFlags(new Map([[flag, text]]))).toThrow(message);
});
