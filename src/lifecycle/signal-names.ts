/**
 * Linux signal names and numbers (the same on x86_64 and aarch64) and the reader of what `kill` is given. Pure.
 * [man signal.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';

/** In the order of their numbers, from 1. */
const names = [
  ...[
    'HUP',
    'INT',
    'QUIT',
    'ILL',
    'TRAP',
    'ABRT',
    'BUS',
    'FPE',
    'KILL',
    'USR1',
    'SEGV',
    'USR2',
    'PIPE',
    'ALRM',
    'TERM',
  ],
  ...['STKFLT', 'CHLD', 'CONT', 'STOP', 'TSTP', 'TTIN', 'TTOU', 'URG', 'XCPU', 'XFSZ', 'VTALRM', 'PROF', 'WINCH'],
  ...['IO', 'PWR', 'SYS'],
];
const aliases: readonly (readonly [string, number])[] = [
  ['IOT', 6],
  ['CLD', 17],
  ['POLL', 29],
];
const firstRealTime = 34;
const highestSignal = 64;

const numbers: ReadonlyMap<string, number> = new Map([
  ...names.map((name, index) => [name, index + 1] as const),
  ...aliases,
  ...realTimeNames(),
]);

/** RTMIN, RTMIN+1 … RTMAX-1, RTMAX, as kill(1) spells them. */
function realTimeNames(): readonly (readonly [string, number])[] {
  const list: (readonly [string, number])[] = [];
  for (let number = firstRealTime; number <= highestSignal; number++) {
    list.push([number === firstRealTime ? 'RTMIN' : `RTMIN+${number - firstRealTime}`, number]);
    list.push([number === highestSignal ? 'RTMAX' : `RTMAX-${highestSignal - number}`, number]);
  }
  return list;
}

/** "TERM", "sigterm", "15" -> 15; 0 only asks whether the process is there, as with runc [man kill.2]. Throws kind 'usage'. */
export function parseSignal(text: string): number {
  const first = text.charCodeAt(0);
  if (first >= 0x30 && first <= 0x39) {
    // Digits only: "1e1" and "0x9" are numbers to JavaScript, but no signals.
    const number = isDecimal(text) ? Number(text) : -1;
    if (number >= 0 && number <= highestSignal) return number;
    throw new RuntimeError({ kind: 'usage', message: `signal ${text} is out of range 0..${highestSignal}` });
  }
  const upper = text.toUpperCase();
  const number = numbers.get(upper.startsWith('SIG') ? upper.slice(3) : upper);
  if (number !== undefined) return number;
  throw new RuntimeError({
    kind: 'usage',
    message: `unknown signal ${JSON.stringify(text)}`,
    hint: 'such as TERM, SIGHUP or 9',
  });
}

function isDecimal(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** 9 -> "SIGKILL"; a real-time signal by its number. */
export function signalName(number: number): string {
  const name = names[number - 1];
  return name === undefined ? `signal ${number}` : `SIG${name}`;
}
