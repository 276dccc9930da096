import { expect, test } from 'vitest';
import type { DbusCall, DbusValue } from './dbus-message.ts';
import { endOfType, typesOf } from './dbus-message.ts';
import { formatDbusCall } from './format-dbus-message.ts';
import { parseDbusBody, parseDbusLength, parseDbusMessage } from './parse-dbus-message.ts';

const hex = (bytes: Uint8Array): string => [...bytes].map((each) => each.toString(16).padStart(2, '0')).join('');
const call = (signature: string, ...values: DbusValue[]): DbusCall => ({
  destination: 'org.a',
  path: '/a',
  interface: 'org.a.b',
  member: 'Do',
  signature,
  arguments: values,
});

test('the bytes of a call, by hand', () => {
  const bytes = formatDbusCall(call('su', 'hi', 7), 1);
  const expected = [
    '6c010001', // little-endian, METHOD_CALL, no flags, version 1
    '0c000000', // 12 bytes of body
    '01000000', // serial
    '48000000', // bytes of header fields: four of 16 with their padding, one of 8
    '01016f00' + '02000000' + '2f6100' + '0000000000', // path "/a"
    '02017300' + '07000000' + '6f72672e612e6200', // interface "org.a.b"
    '03017300' + '02000000' + '446f00' + '0000000000', // member "Do"
    '06017300' + '05000000' + '6f72672e6100' + '0000', // destination "org.a"
    '08016700' + '02737500', // signature "su"
    '02000000' + '686900' + '00' + '07000000',
  ].join('');
  expect(hex(bytes)).toBe(expected);
});

test('a call that wants no answer says so', () => {
  expect(formatDbusCall(call(''), 9, false)[2]).toBe(1);
});

/** What is marshalled is unmarshalled to the same, whatever its type. */
test.each<[string, DbusValue]>([
  ['y', 200],
  ['b', true],
  ['b', false],
  ['n', -3],
  ['q', 65535],
  ['i', -5],
  ['u', 0xffffffff],
  ['x', -1n],
  ['t', 0xffffffffffffffffn],
  ['d', 1.5],
  ['s', 'grün \u{1f980}'],
  ['o', '/org/a'],
  ['g', 'a(sv)'],
  ['ay', new Uint8Array([1, 2, 255])],
  ['as', ['a', '', 'bcd']],
  ['as', []],
  ['au', [1, 2]],
  ['at', [1n]],
  [
    'a(ss)',
    [
      ['/dev/char/1:3', 'rwm'],
      ['char-*', 'm'],
    ],
  ],
  [
    'a(sv)',
    [
      ['MemoryMax', { signature: 't', value: 4096n }],
      ['Slice', { signature: 's', value: 'x.slice' }],
    ],
  ],
  ['v', { signature: 'v', value: { signature: 'a{sv}', value: [['k', { signature: 'b', value: true }]] } }],
  ['(y(s))', [1, ['x']]],
])('%s there and back', (signature, value) => {
  const bytes = formatDbusCall(call(`y${signature}y`, 1, value, 2), 5);
  expect(parseDbusLength(bytes)).toBe(bytes.length);
  expect(parseDbusBody(parseDbusMessage(bytes), `y${signature}y`)).toEqual([1, value, 2]);
});

test('a long message grows the buffer', () => {
  const text = 'x'.repeat(100_000);
  const bytes = formatDbusCall(call('s', text), 5);
  expect(parseDbusBody(parseDbusMessage(bytes), 's')).toEqual([text]);
});

test('signatures are cut into complete types', () => {
  expect(typesOf('ssa(sv)a(sa(sv))')).toEqual(['s', 's', 'a(sv)', 'a(sa(sv))']);
  expect(typesOf('')).toEqual([]);
  expect(endOfType('a{sv}u', 0)).toBe(5);
});

test.each(['a', '(', '(s', '()', 'z', 'a{sv', `${'a'.repeat(100)}s`, '('.repeat(100)])('%s is no type', (signature) => {
  expect(() => typesOf(signature)).toThrow('not a D-Bus message');
});
