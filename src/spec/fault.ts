/**
 * What is wrong with a file, as data: the place (JSON pointer), what is wrong, what would be right. All checks append to one
 * Report, so that a user sees every fault at once. Nothing here formats messages for the terminal: format-faults.ts does.
 */
export interface Fault {
  /** JSON pointer [RFC 6901]; '' is the whole file. */
  readonly pointer: string;
  /** Continues "<pointer>: …", such as 'must be an absolute path (got "x")'. */
  readonly what: string;
  /** What to write instead, where that can be said. */
  readonly right?: string;
}

export interface Report {
  readonly faults: Fault[];
  readonly warnings: Fault[];
  /** Pointers whose values the schema refused and which the checks therefore do not see. Empty on the path without faults. */
  readonly unsound: readonly string[];
}

/** A report in which nothing is wrong yet. */
export function emptyReport(): Report {
  return { faults: [], warnings: [], unsound: [] };
}

export function addFault(report: Report, pointer: string, what: string, right?: string): void {
  report.faults.push(right === undefined ? { pointer, what } : { pointer, what, right });
}

export function addWarning(report: Report, pointer: string, what: string, right?: string): void {
  report.warnings.push(right === undefined ? { pointer, what } : { pointer, what, right });
}

/** Whether all below the pointer was readable: only then may something be called absent. */
export function isSound(report: Report, pointer: string): boolean {
  for (const unsound of report.unsound) {
    if (unsound === pointer || unsound.startsWith(`${pointer}/`) || pointer.startsWith(`${unsound}/`)) return false;
  }
  return true;
}

/** A map's key as a token of a JSON pointer. */
export function pointerToken(key: string): string {
  return key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}

/** A short, one-line, printable form of any value, for messages. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return showText(value);
  if (Array.isArray(value)) return 'an array';
  if (value === undefined) return 'nothing';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function showText(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}

/** The candidate that differs least from the text, if it is near enough to be a slip. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(text.length / 4)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(text.toLowerCase(), candidate.toLowerCase(), bestDistance);
    // Of two as near, the one that begins like the word: "stat" is an unfinished "state", "cgrp" a slip of "cgroup" and not of "cap".
    const isAsNear = distance === bestDistance && best !== undefined;
    if (distance < bestDistance || (isAsNear && sameBeginning(text, candidate) > sameBeginning(text, best ?? ''))) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function sameBeginning(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitute, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? limit;
}
