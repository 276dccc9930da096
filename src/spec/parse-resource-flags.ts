/**
 * The flags of `update` -> Resources, as if they had come in a file. Sizes as docker's go-units reads them: 512m, 1.5GiB, 64kb;
 * -1 is no limit. Ranges are the schema's business (check-update.ts). Pure. Names and meanings: runc-update(8).
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Resources } from './config-types.ts';

interface Row {
  /** Of the flag, without dashes. */
  readonly flag: string;
  /** Where its value stands in the file of --resources. */
  readonly pointer: string;
  /** size: bytes with a unit, or -1. integer: decimal digits, an optional minus sign. */
  readonly kind: 'size' | 'integer' | 'text';
}

export const resourceFlags: readonly Row[] = [
  { flag: 'blkio-weight', pointer: '/blockIO/weight', kind: 'integer' },
  { flag: 'cpu-period', pointer: '/cpu/period', kind: 'integer' },
  { flag: 'cpu-quota', pointer: '/cpu/quota', kind: 'integer' },
  { flag: 'cpu-burst', pointer: '/cpu/burst', kind: 'integer' },
  { flag: 'cpu-share', pointer: '/cpu/shares', kind: 'integer' },
  { flag: 'cpu-rt-period', pointer: '/cpu/realtimePeriod', kind: 'integer' },
  { flag: 'cpu-rt-runtime', pointer: '/cpu/realtimeRuntime', kind: 'integer' },
  { flag: 'cpuset-cpus', pointer: '/cpu/cpus', kind: 'text' },
  { flag: 'cpuset-mems', pointer: '/cpu/mems', kind: 'text' },
  { flag: 'cpu-idle', pointer: '/cpu/idle', kind: 'integer' },
  { flag: 'kernel-memory', pointer: '/memory/kernel', kind: 'size' },
  { flag: 'kernel-memory-tcp', pointer: '/memory/kernelTCP', kind: 'size' },
  { flag: 'memory', pointer: '/memory/limit', kind: 'size' },
  { flag: 'memory-reservation', pointer: '/memory/reservation', kind: 'size' },
  { flag: 'memory-swap', pointer: '/memory/swap', kind: 'size' },
  { flag: 'pids-limit', pointer: '/pids/limit', kind: 'integer' },
];

const byFlag = new Map(resourceFlags.map((row) => [row.flag, row]));
const byPointer = new Map(resourceFlags.map((row) => [row.pointer, row]));

/** The flag whose value stands there, with its dashes; undefined: none. */
export function flagAt(pointer: string): string | undefined {
  const row = byPointer.get(pointer);
  return row === undefined ? undefined : `--${row.flag}`;
}

/** An empty text is a flag that was not given, as in runc. Throws kind 'usage'. Not validated. */
export function parseResourceFlags(values: ReadonlyMap<string, string>): Resources {
  const resources: { [part: string]: { [name: string]: unknown } } = {};
  for (const [flag, text] of values) {
    const row = byFlag.get(flag);
    if (row === undefined || text === '') continue;
    const [, part = '', name = ''] = row.pointer.split('/');
    resources[part] = { ...resources[part], [name]: parseValue(row, text) };
  }
  return resources as Resources;
}

function parseValue({ flag, kind }: Row, text: string): unknown {
  if (kind === 'text') return text;
  const value = kind === 'integer' || text === '-1' ? parseInteger(text) : parseSize(text);
  if (value === undefined) {
    const hint =
      kind === 'size' ? 'write bytes, or a number with a unit: 512m, 1.5g, 64KiB; -1 for no limit' : undefined;
    throw new RuntimeError({
      kind: 'usage',
      path: `--${flag}`,
      message: `invalid value for ${flag}: ${JSON.stringify(text)} is not a ${kind === 'size' ? 'size' : 'whole number'}`,
      ...(hint !== undefined && { hint }),
    });
  }
  const isSafe = value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
  return isSafe ? Number(value) : value;
}

function parseInteger(text: string): bigint | undefined {
  const digits = text[0] === '-' || text[0] === '+' ? text.slice(1) : text;
  return isDigits(digits) && digits.length <= 20 ? BigInt(text[0] === '+' ? digits : text) : undefined;
}

const UNITS = 'kmgtp';

/** Digits, perhaps a point and more digits, perhaps one blank, then b, k, kb, kib and so on, in any case. */
export function parseSize(text: string): bigint | undefined {
  let end = text.length;
  while (end > 0 && !isDigits(text.charAt(end - 1)) && text[end - 1] !== '.' && text[end - 1] !== ' ') end--;
  const shift = unitShift(text.slice(end).toLowerCase());
  const number = text.charAt(end - 1) === ' ' ? text.slice(0, end - 1) : text.slice(0, end);
  const [whole = '', fraction = '', more] = number.split('.');
  const isNumber = more === undefined && (isDigits(whole) || whole === '') && (isDigits(fraction) || fraction === '');
  if (shift === undefined || !isNumber || whole + fraction === '' || number.length > 40) return undefined;
  // Exact, where a floating point number would lose the last bytes of a large size.
  return (BigInt(whole + fraction) << shift) / 10n ** BigInt(fraction.length);
}

function unitShift(unit: string): bigint | undefined {
  if (unit === '' || unit === 'b') return 0n;
  const place = UNITS.indexOf(unit.charAt(0));
  const rest = unit.slice(1);
  return place < 0 || (rest !== '' && rest !== 'b' && rest !== 'ib') ? undefined : 10n * BigInt(place + 1);
}

function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 0x30 || text.charCodeAt(i) > 0x39) return false;
  return text !== '';
}
