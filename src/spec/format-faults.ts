/**
 * Faults as the text of one error: a single line for stderr, and the list for the JSON log. Pure.
 * [spec runtime.md#errors]
 */
import type { Fault } from './fault.ts';

/** From 1, as editors count. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A fault with its place in the file, for the machine-readable log. */
export interface PlacedFault extends Fault {
  readonly line?: number;
  readonly column?: number;
}

export interface FormattedFaults {
  /** One line: "config.json:12:5: /process/cwd: must be … : write …; config.json:…". */
  readonly message: string;
  /** In the order of the file; at most 200. */
  readonly faults: readonly PlacedFault[];
}

/** A line is for humans. */
const mostShown = 50;
/** Looking up a place may read the whole file again: of very many faults only the first are placed and listed. */
const mostPlaced = 200;

/** `position` may be undefined for a pointer that is not in the file (a missing property): its parent's place is taken. */
export function formatFaults(
  file: string,
  faults: readonly Fault[],
  position: (pointer: string) => Position | undefined,
): FormattedFaults {
  const placed = faults.slice(0, mostPlaced).map((fault) => place(fault, position));
  // Stable: faults of one place stay in the order in which they were found.
  placed.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  const texts = placed.slice(0, mostShown).map((fault) => describe(file, fault));
  if (faults.length > mostShown) texts.push(`and ${faults.length - mostShown} more`);
  const count = faults.length > 1 ? `${faults.length} faults: ` : '';
  return { message: count + texts.join('; '), faults: placed };
}

function place(fault: Fault, position: (pointer: string) => Position | undefined): PlacedFault {
  let pointer = fault.pointer;
  let found = position(pointer);
  while (found === undefined && pointer !== '') {
    pointer = pointer.slice(0, pointer.lastIndexOf('/'));
    found = position(pointer);
  }
  return found === undefined ? fault : { ...fault, line: found.line, column: found.column };
}

function describe(file: string, fault: PlacedFault): string {
  const at = fault.line === undefined ? file : `${file}:${fault.line}:${fault.column}`;
  const where = fault.pointer === '' ? at : `${at}: ${fault.pointer}`;
  const right = fault.right === undefined ? '' : `: ${fault.right}`;
  return oneLine(`${where}: ${fault.what}${right}`);
}

/** Keys of a hostile file are part of pointers: no control character of theirs may reach a terminal. */
function oneLine(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
    out += isControl ? `\\u${code.toString(16).padStart(4, '0')}` : text.charAt(i);
  }
  return out;
}
