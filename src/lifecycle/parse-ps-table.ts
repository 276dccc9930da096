/**
 * The table of the host's ps(1): which of its lines are about the container's processes. Works on bytes, since command lines
 * are whatever their programs made of them. Pure. The sentences are runc's. [man ps.1]
 */
import { RuntimeError } from '../base/runtime-error.ts';

/** The title line, and the lines whose field in the column PID is one of pids; each with its newline. */
export function filterPsTable(table: Uint8Array, pids: readonly number[]): Uint8Array {
  const wanted = new Set(pids.map(String));
  const titleEnd = lineEnd(table, 0);
  const column = fieldsOf(table, 0, titleEnd).indexOf('PID');
  if (column < 0) throw new RuntimeError({ kind: 'usage', message: "couldn't find PID field in ps output" });
  const kept: [number, number][] = [[0, titleEnd]];
  for (let start = titleEnd + 1; start < table.length; ) {
    const end = lineEnd(table, start);
    if (end > start && wanted.has(pidOf(table, start, end, column))) kept.push([start, end]);
    start = end + 1;
  }
  return joinLines(table, kept);
}

/** Digits. A line without them is no line of a table with a PID column. */
function pidOf(table: Uint8Array, start: number, end: number, column: number): string {
  const field = fieldsOf(table, start, end, column + 1)[column] ?? '';
  for (let i = 0; i < field.length; i++) {
    const code = field.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return noPid(field);
  }
  return field === '' ? noPid(field) : field;
}

function noPid(field: string): never {
  throw new RuntimeError({ kind: 'usage', message: `unable to parse pid: ${JSON.stringify(field)} in ps output` });
}

/** At most `most` words, a character for each byte. */
function fieldsOf(table: Uint8Array, start: number, end: number, most = Number.MAX_SAFE_INTEGER): readonly string[] {
  const fields: string[] = [];
  let field = '';
  for (let at = start; at <= end && fields.length < most; at++) {
    const byte = at === end ? BLANK : (table[at] as number);
    // Blank, tabulator and the other four that Go and C call space.
    if (byte !== BLANK && (byte < 9 || byte > 13)) field += String.fromCharCode(byte);
    else if (field !== '') {
      fields.push(field);
      field = '';
    }
  }
  return fields;
}

const BLANK = 0x20;
const NEWLINE = 0x0a;

function lineEnd(table: Uint8Array, start: number): number {
  const end = table.indexOf(NEWLINE, start);
  return end < 0 ? table.length : end;
}

function joinLines(table: Uint8Array, lines: readonly (readonly [number, number])[]): Uint8Array {
  const joined = new Uint8Array(lines.reduce((sum, [start, end]) => sum + end - start + 1, 0));
  let at = 0;
  for (const [start, end] of lines) {
    joined.set(table.subarray(start, end), at);
    at += end - start;
    joined[at++] = NEWLINE;
  }
  return joined;
}
