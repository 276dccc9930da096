/**
 * Lists of processors or memory nodes, "0-3,7", as execCPUAffinity and memoryPolicy write them: text -> ranges -> the mask of
 * a system call. As in runc, spaces around a part and empty parts are allowed. There is no limit of 1024: masks are as long as
 * their highest number needs. Pure. [spec config.md#linux-process, config-linux.md#memory-policy] [man cpuset.7 FORMATS]
 */

/** First and last number, both in it. */
export type NumberRange = readonly [number, number];

/** Linux can be compiled for 8192 processors and 1024 nodes; runc stops at 65535 where it resets an affinity. */
export const highestNumber = 65535;

const bitsOfWord = 64;

/** The ranges as written; a string says what is wrong with the text. Empty text: no ranges. */
export function parseNumberList(text: string): readonly NumberRange[] | string {
  const ranges: NumberRange[] = [];
  for (const part of text.split(',')) {
    const trimmed = part.trim();
    if (trimmed === '') continue;
    const dash = trimmed.indexOf('-');
    const first = parseNumber(dash === -1 ? trimmed : trimmed.slice(0, dash));
    const last = dash === -1 ? first : parseNumber(trimmed.slice(dash + 1));
    if (first === undefined || last === undefined)
      return `must be a list such as 0-3,7 (got ${JSON.stringify(trimmed)})`;
    if (first > last) return `has a range that goes backwards: ${first}-${last}`;
    if (last > highestNumber) return `must have no number above ${highestNumber} (got ${last})`;
    ranges.push([first, last]);
  }
  return text !== '' && ranges.length === 0 ? `names nothing (got ${JSON.stringify(text)})` : ranges;
}

/** Decimal digits only: no sign, no blank, no hexadecimal. */
function parseNumber(digits: string): number | undefined {
  if (digits.length === 0 || digits.length > 9) return undefined;
  for (let at = 0; at < digits.length; at++) {
    const code = digits.charCodeAt(at);
    if (code < 48 || code > 57) return undefined;
  }
  return Number.parseInt(digits, 10);
}

/** Bytes with the lowest number in the lowest bit of the first, in whole 64-bit words; empty for no ranges. */
export function maskOf(ranges: readonly NumberRange[]): Uint8Array {
  const highest = ranges.reduce((most, [, last]) => Math.max(most, last), -1);
  const mask = new Uint8Array((Math.ceil((highest + 1) / bitsOfWord) * bitsOfWord) / 8);
  for (const [first, last] of ranges) {
    for (let number = first; number <= last; number++)
      mask[number >> 3] = (mask[number >> 3] ?? 0) | (1 << (number & 7));
  }
  return mask;
}

/** Whether every number of `part` is in `whole`, whatever the masks' lengths. */
export function isWithin(part: Uint8Array, whole: Uint8Array): boolean {
  return part.every((byte, at) => (byte & ~(whole[at] ?? 0)) === 0);
}

/** "0-3,7", for messages. */
export function formatRanges(ranges: readonly NumberRange[]): string {
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}
