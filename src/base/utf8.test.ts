/** Against the engine's own coder, which Node has and the runtime has not. */
import { expect, test } from 'vitest';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const texts = ['', 'plain', 'Grüße', 'ſ\u0080\u07ff\u0800\uffff', '🐖 pig', '日本語', 'a\0b', '\u{10ffff}'];

test.each(texts)('there and back: %j', (text) => {
  const bytes = encodeUtf8(text);
  expect([...bytes]).toEqual([...unescape(encodeURIComponent(text))].map((each) => each.charCodeAt(0)));
  expect(decodeUtf8(bytes)).toBe(text);
});

test('a lone surrogate is replaced', () => {
  expect([...encodeUtf8('a\ud800b')]).toEqual([0x61, 0xef, 0xbf, 0xbd, 0x62]);
});

test.each([
  { name: 'continuation alone', bytes: [0x80], text: '\ufffd' },
  { name: 'overlong slash', bytes: [0xc0, 0xaf], text: '\ufffd\ufffd' },
  { name: 'overlong in three', bytes: [0xe0, 0x80, 0xaf], text: '\ufffd\ufffd\ufffd' },
  { name: 'surrogate', bytes: [0xed, 0xa0, 0x80], text: '\ufffd\ufffd\ufffd' },
  { name: 'beyond the last code point', bytes: [0xf4, 0x90, 0x80, 0x80], text: '\ufffd\ufffd\ufffd\ufffd' },
  { name: 'cut off', bytes: [0x61, 0xe2, 0x82], text: 'a\ufffd\ufffd' },
  { name: 'FF FE', bytes: [0xff, 0xfe], text: '\ufffd\ufffd' },
])('not UTF-8: $name', ({ bytes, text }) => {
  expect(decodeUtf8(Uint8Array.from(bytes))).toBe(text);
});
