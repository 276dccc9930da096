import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { formatDbusCall } from './format-dbus-message.ts';
import { messageLimitBytes, parseDbusBody, parseDbusLength, parseDbusMessage } from './parse-dbus-message.ts';

/** A message whose header fields and body are given as bytes, little-endian. */
function message(type: number, fields: readonly number[], body: readonly number[]): Uint8Array {
  const length = (count: number) => [count & 255, (count >> 8) & 255, 0, 0];
  const padding = new Array((8 - ((16 + fields.length) % 8)) % 8).fill(0);
  return new Uint8Array([
    ...[0x6c, type, 0, 1, ...length(body.length), 1, 0, 0, 0, ...length(fields.length)],
    ...[...fields, ...padding, ...body],
  ]);
}

const replySerial = [5, 1, 0x75, 0, 7, 0, 0, 0]; // u 7
const signature = (text: string) => [8, 1, 0x67, 0, text.length, ...Array.from(text, (each) => each.charCodeAt(0)), 0];
const parse = (bytes: Uint8Array) => parseDbusMessage(bytes.subarray(0, parseDbusLength(bytes)));

test('an answer', () => {
  const bytes = message(2, [...replySerial, ...signature('o')], [2, 0, 0, 0, 0x2f, 0x61, 0]);
  const parsed = parse(bytes);
  expect(parsed).toMatchObject({ type: 2, replySerial: 7, signature: 'o', errorName: undefined });
  expect(parseDbusBody(parsed, 'o')).toEqual(['/a']);
});

test('a big-endian one', () => {
  const bytes = new Uint8Array([
    ...[0x42, 2, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 15],
    ...[5, 1, 0x75, 0, 0, 0, 0, 7, 8, 1, 0x67, 0, 1, 0x75, 0, 0, 0, 0, 1, 2],
  ]);
  const parsed = parse(bytes);
  expect(parsed.replySerial).toBe(7);
  expect(parseDbusBody(parsed, 'u')).toEqual([258]);
});

test('unknown header fields are ignored', () => {
  const bytes = message(2, [99, 1, 0x79, 0, 5, 0, 0, 0, ...replySerial], []);
  expect(parse(bytes).replySerial).toBe(7);
});

test('the length is known only with the first 16 bytes', () => {
  const bytes = message(2, replySerial, [1]);
  for (let length = 0; length < 16; length += 1) expect(parseDbusLength(bytes.subarray(0, length))).toBeUndefined();
  expect(parseDbusLength(bytes.subarray(0, 16))).toBe(bytes.length);
});

describe('hostile', () => {
  const length = (bytes: number[]) => new Uint8Array([0x6c, 2, 0, 1, ...bytes]);

  test.each([
    ['another byte order', new Uint8Array(16)],
    ['another version', new Uint8Array([0x6c, 2, 0, 2, ...new Array(12).fill(0)])],
    ['a body of 4 GiB', length([255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0])],
    ['header fields of 4 GiB', length([0, 0, 0, 0, 1, 0, 0, 0, 255, 255, 255, 255])],
    ['one byte too large', length([...littleEndian(messageLimitBytes - 15), 1, 0, 0, 0, 0, 0, 0, 0])],
  ])('%s', (_name, bytes) => {
    expect(() => parseDbusLength(bytes)).toThrow('not a D-Bus message');
  });

  test.each<[string, Uint8Array, string]>([
    ['a field of the wrong type', message(2, [5, 1, 0x73, 0, 1, 0, 0, 0, 0x78, 0], []), 'u'],
    ['a variant of two types', message(2, [5, 2, 0x75, 0x75, 0, 0, 0, 0, 7, 0, 0, 0], []), 'u'],
    ['padding that is not zero', message(2, [...replySerial, ...signature('yu')], [1, 9, 9, 9, 1, 0, 0, 0]), 'yu'],
    ['a string without NUL', message(2, signature('s'), [1, 0, 0, 0, 0x61, 0x62]), 's'],
    ['a string with NUL', message(2, signature('s'), [2, 0, 0, 0, 0x61, 0, 0]), 's'],
    ['a string longer than the message', message(2, signature('s'), [200, 0, 0, 0, 0x61, 0]), 's'],
    ['an array longer than the message', message(2, signature('au'), [200, 0, 0, 0, 1, 0, 0, 0]), 'au'],
    ['an array that ends in an element', message(2, signature('au'), [5, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]), 'au'],
    ['a boolean of 2', message(2, signature('b'), [2, 0, 0, 0]), 'b'],
    ['nothing where a number should be', message(2, signature('u'), []), 'u'],
    ['another signature', message(2, signature('s'), [0, 0, 0, 0, 0]), 'o'],
    ['variants in variants', message(2, signature('v'), new Array(300).fill([1, 0x76, 0]).flat()), 'v'],
    ['a type without end', message(2, signature('v'), [3, 0x61, 0x61, 0x61, 0]), 'v'],
  ])('%s', (_name, bytes, expected) => {
    expect(() => parseDbusBody(parse(bytes), expected)).toThrow('not a D-Bus message');
  });

  /** Cut anywhere, or with any one bit flipped: a value or one error of ours, never another exception. */
  test('damaged messages', () => {
    const call = { destination: 'a', path: '/a', interface: 'b', member: 'c' };
    const variant = { signature: 'a(ss)', value: [['x', 'y']] };
    const bytes = formatDbusCall({ ...call, signature: 'uva(sv)', arguments: [1, variant, [['n', variant]]] }, 3);
    for (let at = 0; at < bytes.length * 8; at += 1) {
      const damaged = bytes.slice();
      damaged[at >> 3] = (damaged[at >> 3] as number) ^ (1 << (at & 7));
      const either = () => parseDbusBody(parse(damaged), 'uva(sv)');
      try {
        either();
      } catch (error) {
        expect(error, `bit ${at}`).toBeInstanceOf(RuntimeError);
        expect((error as Error).message).toContain('not a D-Bus message');
      }
    }
    for (let at = 16; at < bytes.length; at += 1) {
      expect(() => parseDbusBody(parseDbusMessage(bytes.subarray(0, at)), 'uva(sv)')).toThrow(RuntimeError);
    }
  });
});

function littleEndian(value: number): number[] {
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
}
