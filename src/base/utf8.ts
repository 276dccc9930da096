/**
 * Text to UTF-8 bytes and back, for the few places where bytes must be counted or cut (the engine has no TextEncoder).
 * Everything else lets the native side convert. Pure. [man utf-8.7]
 */

/** A surrogate without its partner becomes U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  // No unit of UTF-16 needs more than three bytes; one buffer, because a state with annotations may be a megabyte.
  const bytes = new Uint8Array(text.length * 3);
  let at = 0;
  for (let index = 0; index < text.length; index++) {
    let code = text.charCodeAt(index);
    if (code < 0x80) {
      bytes[at++] = code;
      continue;
    }
    if (code >= 0xd800 && code <= 0xdfff) {
      code = text.codePointAt(index) as number;
      if (code < 0x10000) code = 0xfffd;
      else index++;
    }
    at = putSequence(bytes, at, code);
  }
  return bytes.subarray(0, at);
}

/** Two to four bytes; returns where the next goes. */
function putSequence(bytes: Uint8Array, start: number, code: number): number {
  let at = start;
  if (code < 0x800) bytes[at++] = 0xc0 | (code >> 6);
  else {
    if (code < 0x10000) bytes[at++] = 0xe0 | (code >> 12);
    else {
      bytes[at++] = 0xf0 | (code >> 18);
      bytes[at++] = 0x80 | ((code >> 12) & 0x3f);
    }
    bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
  }
  bytes[at++] = 0x80 | (code & 0x3f);
  return at;
}

/** What is not UTF-8 (also a character cut off at either end) becomes U+FFFD, one for each byte. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    text += length === 0 ? '\ufffd' : String.fromCodePoint(codePoint(bytes, at, length));
    at += Math.max(length, 1);
  }
  return text;
}

/** By the length of a sequence: the smallest code point that needs it, the bits of its first byte. */
const leastOf: readonly number[] = [0, 0, 0x80, 0x800, 0x10000];
const firstBits: readonly number[] = [0, 0x7f, 0x1f, 0x0f, 0x07];

/** 0: no well-formed sequence begins here. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  for (let index = 1; index < length; index++) {
    if (((bytes[at + index] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  const code = codePoint(bytes, at, length);
  const isOverlong = code < (leastOf[length] ?? 0);
  return isOverlong || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : length;
}

function codePoint(bytes: Uint8Array, at: number, length: number): number {
  let code = (bytes[at] as number) & (firstBits[length] ?? 0);
  for (let index = 1; index < length; index++) code = (code << 6) | ((bytes[at + index] as number) & 0x3f);
  return code;
}
