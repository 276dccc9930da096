/**
 * The part of GVariant's text format that properties of units need: booleans, numbers, strings and lists of strings, of a type
 * that is known beforehand. "true", "uint64 5", "@t 5", "'text'", "['a', 'b']". A type that is written and is not the known one
 * is an error. Pure, and strict: what is left over is an error too. [GVariant text format, docs.gtk.org/glib]
 */
import type { DbusValue } from './dbus-message.ts';

/** b boolean, i u numbers, t bigint, s string, as list of strings; "sec": a duration in seconds, as a number. */
export type GvariantType = 'b' | 'i' | 'u' | 't' | 's' | 'as' | 'sec';

/** undefined: it is no such value. */
export function parseGvariant(text: string, type: GvariantType): DbusValue | undefined {
  const scanner: Scanner = { text, at: 0 };
  const value = readValue(scanner, type);
  skipBlanks(scanner);
  return scanner.at === text.length ? value : undefined;
}

interface Scanner {
  readonly text: string;
  at: number;
}

const keywords: Readonly<Record<GvariantType, readonly string[]>> = Object.freeze({
  b: ['boolean', '@b'],
  i: ['int32', '@i'],
  u: ['uint32', '@u'],
  t: ['uint64', '@t'],
  s: ['string', '@s'],
  as: ['@as'],
  sec: ['byte', 'int16', 'uint16', 'int32', 'uint32', 'int64', 'uint64', 'double'].concat([
    '@y',
    '@n',
    '@q',
    '@i',
    '@u',
    '@x',
    '@t',
    '@d',
  ]),
});

function readValue(scanner: Scanner, type: GvariantType): DbusValue | undefined {
  skipBlanks(scanner);
  for (const keyword of keywords[type]) {
    if (takeWord(scanner, keyword)) break;
  }
  skipBlanks(scanner);
  switch (type) {
    case 'b':
      return takeWord(scanner, 'true') ? true : takeWord(scanner, 'false') ? false : undefined;
    case 's':
      return readString(scanner);
    case 'as':
      return readStrings(scanner);
    case 'sec':
      return readSeconds(scanner);
    default:
      return readInteger(scanner, type);
  }
}

const ranges = { i: [-0x80000000n, 0x7fffffffn], u: [0n, 0xffffffffn], t: [0n, 0xffffffffffffffffn] } as const;

function readInteger(scanner: Scanner, type: 'i' | 'u' | 't'): DbusValue | undefined {
  const word = takeNumber(scanner);
  const isNegative = word[0] === '-';
  const magnitude = parseMagnitude(isNegative || word[0] === '+' ? word.slice(1) : word);
  if (magnitude === undefined) return undefined;
  const value = isNegative ? -magnitude : magnitude;
  const [lowest, highest] = ranges[type];
  if (value < lowest || value > highest) return undefined;
  return type === 't' ? value : Number(value);
}

/** Decimal, or hexadecimal with 0x, or octal with 0, as in C. */
function parseMagnitude(digits: string): bigint | undefined {
  const isHex = digits.startsWith('0x') || digits.startsWith('0X');
  const isOctal = !isHex && digits.length > 1 && digits[0] === '0';
  const allowed = isHex ? '0123456789abcdefABCDEF' : isOctal ? '01234567' : '0123456789';
  const body = isHex ? digits.slice(2) : digits;
  if (body === '' || body.length > 24) return undefined;
  for (const digit of body) if (!allowed.includes(digit)) return undefined;
  return BigInt(isHex ? digits : isOctal ? `0o${body}` : body);
}

/** A whole or decimal number, not negative and small enough to stay exact in microseconds. */
function readSeconds(scanner: Scanner): number | undefined {
  const word = takeNumber(scanner);
  const [whole = '', fraction = '', ...rest] = word.split('.');
  const digits = `${whole}${fraction}`;
  if (rest.length > 0 || whole === '' || digits.length > 15) return undefined;
  for (const digit of digits) if (!'0123456789'.includes(digit)) return undefined;
  return Number(word);
}

function readStrings(scanner: Scanner): DbusValue | undefined {
  if (!take(scanner, '[')) return undefined;
  const list: string[] = [];
  skipBlanks(scanner);
  if (take(scanner, ']')) return list;
  for (;;) {
    skipBlanks(scanner);
    const text = readString(scanner);
    if (text === undefined) return undefined;
    list.push(text);
    skipBlanks(scanner);
    if (take(scanner, ']')) return list;
    if (!take(scanner, ',')) return undefined;
  }
}

const escapes: Readonly<Record<string, string>> = Object.freeze({
  '"': '"',
  "'": "'",
  '\\': '\\',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
});

/** In single or double quotes; \n and the like are escapes, \u and \U are not needed by any name and are refused. */
function readString(scanner: Scanner): string | undefined {
  const quote = scanner.text[scanner.at];
  if (quote !== "'" && quote !== '"') return undefined;
  let value = '';
  for (let at = scanner.at + 1; at < scanner.text.length; at += 1) {
    const letter = scanner.text[at] as string;
    if (letter === quote) {
      scanner.at = at + 1;
      return value;
    }
    if (letter !== '\\') value += letter;
    else {
      at += 1;
      const escaped = escapes[scanner.text[at] ?? ''];
      if (escaped === undefined) return undefined;
      value += escaped;
    }
  }
  return undefined;
}

function skipBlanks(scanner: Scanner): void {
  while (' \t\n'.includes(scanner.text[scanner.at] ?? 'x')) scanner.at += 1;
}

function take(scanner: Scanner, letter: string): boolean {
  if (scanner.text[scanner.at] !== letter) return false;
  scanner.at += 1;
  return true;
}

/** A word that ends where a letter, digit or sign does not go on. */
function takeWord(scanner: Scanner, word: string): boolean {
  if (!scanner.text.startsWith(word, scanner.at) || isWordLetter(scanner.text[scanner.at + word.length])) return false;
  scanner.at += word.length;
  return true;
}

function takeNumber(scanner: Scanner): string {
  const start = scanner.at;
  while (isWordLetter(scanner.text[scanner.at])) scanner.at += 1;
  return scanner.text.slice(start, scanner.at);
}

function isWordLetter(letter: string | undefined): boolean {
  if (letter === undefined) return false;
  return (
    (letter >= '0' && letter <= '9') ||
    (letter >= 'a' && letter <= 'z') ||
    (letter >= 'A' && letter <= 'Z') ||
    '+-._'.includes(letter)
  );
}
