/** The wire format both ways, and what a hostile or broken criu could send. */
import { describe, expect, test } from 'vitest';
import { formatMessage } from './format-protobuf.ts';
import { parseMessage, readBool, readInt32, readMessage, readText } from './parse-protobuf.ts';

const bytes = (...list: number[]) => Uint8Array.from(list);

describe('formatMessage', () => {
  test.each([
    ['the example of the format', [{ number: 1, value: 150 }], bytes(0x08, 0x96, 0x01)],
    ['a string', [{ number: 2, value: 'testing' }], bytes(0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67)],
    ['a nested message', [{ number: 3, value: bytes(0x08, 0x96, 0x01) }], bytes(0x1a, 3, 0x08, 0x96, 0x01)],
    [
      'true and false',
      [
        { number: 1, value: true },
        { number: 1, value: false },
      ],
      bytes(8, 1, 8, 0),
    ],
    ['a field number above 15', [{ number: 64, value: 2 }], bytes(0x80, 0x04, 2)],
    ['a negative number as 64 bits', [{ number: 1, value: -1 }], bytes(8, ...Array(9).fill(0xff), 1)],
    ['CLONE_NEWNET', [{ number: 38, value: 0x40000000 }], bytes(0xb0, 2, 0x80, 0x80, 0x80, 0x80, 4)],
    ['nothing', [], bytes()],
  ] as const)('%s', (_, fields, expected) => {
    expect(formatMessage(fields)).toEqual(expected);
  });
});

describe('parseMessage', () => {
  test('reads what formatMessage wrote, the last of several counts', () => {
    const inner = formatMessage([{ number: 1, value: 'post-restore' }]);
    const message = parseMessage(
      formatMessage([
        { number: 1, value: 6 },
        { number: 1, value: 7 },
        { number: 2, value: true },
        { number: 5, value: inner },
        { number: 7, value: -22 },
        { number: 9, value: 'grün' },
      ]),
    );
    expect(readInt32(message, 1)).toBe(7);
    expect(readBool(message, 2)).toBe(true);
    expect(readInt32(message, 7)).toBe(-22);
    expect(readText(message, 9)).toBe('grün');
    expect(readText(readMessage(message, 5) ?? new Map(), 1)).toBe('post-restore');
    expect(readInt32(message, 3)).toBeUndefined();
    expect(readText(message, 3)).toBeUndefined();
  });

  test('keeps fields of every other wire type and goes on after them', () => {
    const message = parseMessage(bytes(0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7d, 1, 2, 3, 4, 0x7a, 1, 0xff, 8, 3));
    expect(readInt32(message, 1)).toBe(3);
  });

  test('text that is not UTF-8 does not stop it', () => {
    expect(readText(parseMessage(bytes(0x0a, 2, 0xff, 0x41)), 1)).toBe('\ufffdA');
  });

  test.each([
    ['a key without a value', bytes(8), 'is cut off'],
    ['a varint cut off', bytes(8, 0x80), 'is cut off'],
    ['a string longer than the message', bytes(0x12, 200, 1, 0x41), 'is cut off'],
    ['a string of 2^63 bytes', bytes(0x12, ...Array(9).fill(0x80), 1, 0x41), 'is cut off'],
    ['fixed64 cut off', bytes(0x09, 1, 2, 3), 'is cut off'],
    ['fixed32 cut off', bytes(0x0d, 1, 2, 3), 'is cut off'],
    ['a varint of eleven bytes', bytes(8, ...Array(10).fill(0x80), 1), 'has a number of more than 64 bits'],
    ['a varint of 65 bits', bytes(8, ...Array(9).fill(0xff), 2), 'has a number of more than 64 bits'],
    ['field 0', bytes(0, 1), 'has the field number 0'],
    ['a field number of 2^30', bytes(0x80, 0x80, 0x80, 0x80, 0x20, 1), 'has the field number 1073741824'],
    ['a group', bytes(0x0b, 0x0c), 'has the wire type 3'],
    ['wire type 7', bytes(0x0f), 'has the wire type 7'],
  ])('refuses %s', (_, data, message) => {
    expect(() => parseMessage(data)).toThrow(`a message from criu ${message}`);
  });

  test('a field of the other kind is refused, not guessed', () => {
    expect(() => readInt32(parseMessage(bytes(0x0a, 1, 0x41)), 1)).toThrow('has no number in field 1');
    expect(() => readText(parseMessage(bytes(8, 1)), 1)).toThrow('has a number in field 1');
    expect(() => readMessage(parseMessage(bytes(0x0a, 1, 0x0b)), 1)).toThrow('has the wire type 3');
  });
});
