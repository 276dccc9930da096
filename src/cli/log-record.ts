/**
 * One record of the log, as logrus writes it for runc: engines read both forms. Pure.
 */
import { formatJson } from '../base/format-json.ts';
import { formatTimestamp } from '../lifecycle/format-timestamp.ts';

export interface LogRecord {
  readonly level: 'error' | 'warning' | 'debug';
  readonly message: string;
  /** [seconds, nanoseconds] since 1970, UTC. */
  readonly time: readonly [number, number];
}

export function formatLogRecord(record: LogRecord, format: 'text' | 'json'): string {
  // Whole seconds, as logrus has them: the first 19 characters.
  const time = `${formatTimestamp(record.time[0], 0).slice(0, 19)}Z`;
  if (format === 'json') return `${formatJson({ level: record.level, msg: record.message, time })}\n`;
  return `time=${JSON.stringify(time)} level=${record.level} msg=${JSON.stringify(record.message)}\n`;
}
