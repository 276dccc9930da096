/** rtnetlink as bytes: what is sent, word by word, and what a kernel (or whoever plays one) might answer. [man netlink.7] */
import { describe, expect, test } from 'vitest';
import { RuntimeError } from '../base/runtime-error.ts';
import { addAddress, formatNetlink, getLinkByName, moveLink, setLinkUp } from './format-netlink.ts';
import type { LinkAddress, NetlinkAttribute } from './netlink-message.ts';
import { parseAck, parseAddress, parseAttributes, parseLink, parseNetlink } from './parse-netlink.ts';

const hex = (bytes: Uint8Array): string =>
  [...bytes]
    .map((byte, i) => byte.toString(16).padStart(2, '0') + (i % 4 === 3 ? ' ' : ''))
    .join('')
    .trim();
const bytes = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const header16 = '00000000 00000000 00000000 00000000';

test('a device by its name', () => {
  expect(hex(formatNetlink(getLinkByName('eth0'), 7))).toBe(
    `2c000000 12000100 07000000 00000000 ${header16} 09000300 65746830 00000000`,
  );
});

test('a move: index, new name, descriptor of the namespace, new index', () => {
  const request = moveLink({ index: 2, name: 'c%d', namespaceFd: 9, newIndex: 513 });
  expect(hex(formatNetlink(request, 1))).toBe(
    '38000000 10000500 01000000 00000000 00000000 02000000 00000000 00000000 ' +
      '08000300 63256400 08001c00 09000000 08003100 01020000',
  );
});

test('up', () => {
  expect(hex(formatNetlink(setLinkUp(3), 2))).toBe(
    '20000000 10000500 02000000 00000000 00000000 03000000 01000000 01000000',
  );
});

const address: LinkAddress = {
  family: 2,
  prefixLength: 16,
  flags: 0x80 | 0x200 | 0x40,
  scope: 0,
  index: 2,
  attributes: [
    [1, bytes('0a010002')],
    [2, bytes('0a010002')],
    [3, bytes('65746830 3a3100')],
    [8, bytes('c0020000')],
    [5, bytes('ffffffff')],
  ],
};

test('an address: the header, the kept attributes, its label under the new name, the flags that its owner chose', () => {
  const request = addAddress(address, { index: 5, oldName: 'eth0', name: 'net1' });
  expect(hex(formatNetlink(request, 1))).toBe(
    '3c000000 14000506 01000000 00000000 02100000 05000000 08000100 0a010002 08000200 0a010002 ' +
      '0b000300 6e657431 3a310000 08000800 00020000',
  );
});

test.each([
  ['eth0:1', 'net1', 'net1:1'],
  ['eth0', 'net1', 'net1'],
  ['other', 'net1', 'net1'],
  ['eth0:12345', 'twelve-bytes', 'twelve-bytes'],
])('label %s of eth0 as %s is %s', (label, name, expected) => {
  const text = Uint8Array.from([...label, '\0'].map((each) => each.charCodeAt(0)));
  const { attributes } = addAddress({ ...address, attributes: [[3, text]] }, { index: 5, oldName: 'eth0', name });
  expect(String.fromCharCode(...(attributes[0]?.[1] ?? []))).toBe(`${expected}\0`);
});

test('an attribute that does not fit into 16 bits is never written with a wrapped length [CVE-2021-43784]', () => {
  for (const length of [65532, 65536, 65536 + 8, 200_000]) {
    const attributes: NetlinkAttribute[] = [[3, new Uint8Array(length)]];
    const request = { type: 16, flags: 0, header: new Uint8Array(16), attributes };
    expect(() => formatNetlink(request, 1)).toThrow('too long');
  }
});

test('a device and an address as the kernel says them', () => {
  const link = `00000100 02000000 43100100 00000000 09000300 65746830 00000000 08000a00 04000000 08000400 dc050000`;
  expect(parseLink(bytes(link))).toEqual({ index: 2, name: 'eth0', flags: 0x11043, master: 4 });
  const parsed = parseAddress(
    bytes('0a408000 02000000 08000800 80030000 14000100 fd000000 00000000 00000000 00000001'),
  );
  expect(parsed).toMatchObject({ family: 10, prefixLength: 64, flags: 0x380, scope: 0, index: 2 });
  expect(parseAddress(bytes('0a408000 02000000')).flags).toBe(0x80);
});

test('acknowledgements: done, refused, refused with words', () => {
  const ack = (flags: number, payload: string) => parseAck({ type: 2, flags, sequence: 1, payload: bytes(payload) });
  const request = '20000000 10000500 01000000 00000000';
  expect(ack(0x100, `00000000 ${request}`)).toEqual({ errno: 0, text: undefined });
  expect(ack(0x100, `efffffff ${request}`)).toEqual({ errno: 17, text: undefined });
  expect(ack(0x300, `eaffffff ${request} 07000100 6e6f0000`)).toEqual({ errno: 22, text: 'no' });
  // Without NETLINK_CAP_ACK the request is repeated before the words.
  expect(ack(0x200, `eaffffff ${request} ${header16} 07000100 6e6f0000`)).toEqual({ errno: 22, text: 'no' });
});

describe('answers that do not add up are errors', () => {
  const message = '14000000 10000000 01000000 00000000 00000000';
  test.each([
    ['half a header', '14000000 1000'],
    ['shorter than its header', '0f000000 10000000 01000000 00000000'],
    ['of length 0', '00000000 10000000 01000000 00000000'],
    ['longer than what is there', '15000000 10000000 01000000 00000000 00000000'],
    ['longest length', 'ffffffff 10000000 01000000 00000000'],
    ['a rest after the last message', `${message} 00`],
  ])('datagram: %s', (_name, text) => {
    expect(() => parseNetlink(bytes(text))).toThrow(RuntimeError);
  });
  test.each([
    ['half an attribute', '0800'],
    ['of length 0', '00000300 65746830'],
    ['of length 3', '03000300'],
    ['beyond the end', '0c000300 65746830'],
  ])('attribute: %s', (_name, text) => {
    expect(() => parseAttributes(bytes(text), 0)).toThrow(RuntimeError);
  });
  test('messages cut off at any byte: an error, never an exception of the engine', () => {
    const link = bytes('00000100 02000000 43100100 00000000 09000300 65746830 00000000 08000a00 04000000');
    const ack = bytes('eaffffff 20000000 10000500 01000000 00000000 07000100 6e6f0000');
    for (const [whole, parse] of [
      [link, parseLink],
      [link, parseAddress],
      [ack, (payload: Uint8Array) => parseAck({ type: 2, flags: 0x300, sequence: 1, payload })],
    ] as const) {
      for (let length = 0; length < whole.length; length++) {
        try {
          parse(whole.slice(0, length));
        } catch (error) {
          expect(error, `cut at ${length}`).toBeInstanceOf(RuntimeError);
        }
      }
    }
  });
  test('a number of another size, a device without a name, a positive error number', () => {
    expect(() => parseLink(bytes(`${header16} 06000a00 04000000 09000300 65746830 00000000`))).toThrow('another size');
    expect(() => parseLink(bytes(header16))).toThrow('without a name');
    expect(() => parseAck({ type: 2, flags: 0, sequence: 1, payload: bytes('01000000') })).toThrow('makes no sense');
  });
});
