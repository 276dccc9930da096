/**
 * Where errors and warnings go. An error: one line on stderr, and exactly one record in the file of --log. A warning: one line
 * on stderr, or, with a log in text, there; never into a JSON log, because podman reads that whole file as one object and a
 * second record (a warning before an error) makes it lose the error. [man openat2.2]
 * The log is opened only when there is something to write, and a log that cannot be written never changes the outcome.
 */
import type { GlobalOptions } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd, Fd } from '../kernel/fd.ts';
import { CLOCK_REALTIME, O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { formatLogRecord, type LogRecord } from './log-record.ts';

export type LogOptions = Pick<GlobalOptions, 'log' | 'logFormat'>;

export const stderr = new Fd<'object'>(2, 'stderr');

/** The text that goes to both places: what engines search for their phrases. */
export function errorText(error: unknown): string {
  if (error instanceof RuntimeError && error.fields.kind !== 'bug') return oneLine(error.message);
  const what = error instanceof Error ? error.message : String(error);
  return oneLine(`internal error, please report it with the command line and config.json: ${what}`);
}

export function printError(kernel: Kernel, options: LogOptions, text: string): void {
  // Texts of create, run and exec begin with the program's name already, for the log's sake.
  const line = text.startsWith('runt ') ? text : `runt: ${text}`;
  writeBestEffort(kernel, () => kernel.write(stderr, `${line}\n`));
  if (options.log !== undefined) writeLog(kernel, options.log, options, record(kernel, 'error', text));
}

export function printWarning(kernel: Kernel, options: LogOptions, text: string): void {
  const line = oneLine(text);
  if (options.log === undefined) writeBestEffort(kernel, () => kernel.write(stderr, `runt: warning: ${line}\n`));
  else if (options.logFormat === 'text') writeLog(kernel, options.log, options, record(kernel, 'warning', line));
}

function record(kernel: Kernel, level: LogRecord['level'], message: string): LogRecord {
  return { level, message, time: kernel.clockGettime(CLOCK_REALTIME) };
}

/** O_NONBLOCK: a fifo without a reader is an error (ENXIO), not a runtime that hangs. */
function writeLog(kernel: Kernel, path: string, options: LogOptions, entry: LogRecord): void {
  writeBestEffort(kernel, () => {
    const file = kernel.openat2(cwdFd, path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK, 0o644, 0);
    kernel.write(file, formatLogRecord(entry, options.logFormat));
    kernel.close(file);
  });
}

/** There is nobody left to tell: the exit code says that it failed. */
function writeBestEffort(kernel: Kernel, write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    // A log that cannot be written is told on stderr, once; stderr itself has no other place.
    const text = `runt: log: ${oneLine(error.message)}\n`;
    if (error.fields.path !== stderr.path) writeQuietly(kernel, text);
  }
}

function writeQuietly(kernel: Kernel, text: string): void {
  try {
    kernel.write(stderr, text);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
  }
}

/** Paths and names come from others: no control character of theirs reaches a terminal or starts a line. */
export function oneLine(text: string): string {
  let out = '';
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (code >= 0x20 && code !== 0x7f && !(code >= 0x80 && code < 0xa0)) out += character;
    else if (character === '\n') out += '\\n';
    else out += `\\x${code.toString(16).padStart(2, '0')}`;
  }
  return out;
}
