/**
 * The formats of a cgroup's statistics files -> numbers. Pure. A file that is not in its format is an error with the line: a
 * number that is guessed would be charged to somebody. [man cgroups.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Integer64 } from '../kernel/kernel.ts';
import { type IoCount, type IoStats, NO_LIMIT, type Pressure, type PressureStats } from './cgroup-stats.ts';

/** Decimal digits, or "max". Negative numbers, which some kernels show in memory.stat by mistake, count as 0, as runc has it. */
export function parseCount(text: string): Integer64 {
  if (text === 'max') return NO_LIMIT;
  const start = text[0] === '-' ? 1 : 0;
  if (!isDigits(text, start)) throw malformed(text);
  if (start === 1) return 0;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

/** "123\n" */
export function parseSingle(text: string): Integer64 {
  return parseCount(text.trim());
}

/** Lines of "key value". */
export function parseFlatKeys(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of linesOf(text)) {
    const blank = line.indexOf(' ');
    if (blank <= 0 || blank === line.length - 1) throw malformed(line);
    values.set(line.slice(0, blank), line.slice(blank + 1));
  }
  return values;
}

/** Microseconds -> nanoseconds, digit for digit. */
export function parseMicroseconds(value: string | undefined): Integer64 {
  return value === undefined ? 0 : parseCount(`${value}000`);
}

const noPressure: Pressure = Object.freeze({ avg10: 0, avg60: 0, avg300: 0, total: 0 });

/** "some avg10=0.00 avg60=0.00 avg300=0.00 total=0", and the same with "full". */
export function parsePressure(text: string): PressureStats {
  let some = noPressure;
  let full = noPressure;
  for (const line of linesOf(text)) {
    const [kind, ...fields] = line.split(' ');
    if (kind === 'some') some = parsePressureLine(fields, line);
    else if (kind === 'full') full = parsePressureLine(fields, line);
  }
  return { some, full };
}

function parsePressureLine(fields: readonly string[], line: string): Pressure {
  const values = new Map(fields.map((field) => splitAt(field, '=', line)));
  const average = (name: string) => parseAverage(values.get(name) ?? '0', line);
  return {
    avg10: average('avg10'),
    avg60: average('avg60'),
    avg300: average('avg300'),
    total: parseCount(values.get('total') ?? '0'),
  };
}

/** "12.34": a percentage. */
function parseAverage(text: string, line: string): number {
  const parts = text.split('.');
  if (parts.length > 2 || !parts.every((part) => isDigits(part, 0))) throw malformed(line);
  return Number(text);
}

/** "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6": what v1 had no table for is left out. A device without numbers too. */
export function parseIo(text: string): Pick<IoStats, 'bytes' | 'operations'> {
  const bytes: IoCount[] = [];
  const operations: IoCount[] = [];
  for (const line of linesOf(text)) {
    const [device = '', ...fields] = line.split(' ').filter((word) => word !== '');
    if (!device.includes(':') || fields.length === 0) continue;
    const [major, minor] = splitAt(device, ':', line);
    if (!isDigits(major, 0) || !isDigits(minor, 0)) throw malformed(line);
    const numbers = { major: Number(major), minor: Number(minor) };
    for (const field of fields) {
      // Some kernels repeat devices without numbers in one line.
      if (!field.includes('=')) continue;
      const [key, value] = splitAt(field, '=', line);
      const operation = key[0] === 'r' ? 'Read' : 'Write';
      if (key === 'rbytes' || key === 'wbytes') bytes.push({ ...numbers, operation, value: parseCount(value) });
      if (key === 'rios' || key === 'wios') operations.push({ ...numbers, operation, value: parseCount(value) });
    }
  }
  return { bytes, operations };
}

/** "hugepages-2048kB" -> "2MB", as the controller's files are named; undefined: no such directory name. */
export function parseHugePageSize(name: string): string | undefined {
  const prefix = 'hugepages-';
  if (!name.startsWith(prefix) || !name.endsWith('kB')) return undefined;
  const digits = name.slice(prefix.length, -2);
  if (!isDigits(digits, 0)) return undefined;
  const kibibytes = Number(digits);
  if (kibibytes >= 1 << 20) return `${kibibytes >>> 20}GB`;
  return kibibytes >= 1 << 10 ? `${kibibytes >>> 10}MB` : `${kibibytes}KB`;
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

function splitAt(text: string, separator: string, line: string): [string, string] {
  const at = text.indexOf(separator);
  if (at < 0) throw malformed(line);
  return [text.slice(0, at), text.slice(at + 1)];
}

function isDigits(text: string, start: number): boolean {
  if (text.length === start) return false;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

function malformed(line: string): RuntimeError {
  return new RuntimeError({ kind: 'kernel', message: `unexpected content: ${JSON.stringify(line)}` });
}
