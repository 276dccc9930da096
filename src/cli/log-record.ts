/**
 * One record of the log, as logrus writes it for runc: engines read both forms. Pure.
 */
import { formatJson } from '../base/format-json.ts';

export interface LogRecord {
  readonly level: 'error' | 'warning';
  readonly message: string;
  /** [seconds, nanoseconds] since 1970, UTC. */
  readonly time: readonly [number, number];
}

export function formatLogRecord(record: LogRecord, format: 'text' | 'json'): string {
  const time = formatTime(record.time[0]);
  if (format === 'json') return `${formatJson({ level: record.level, msg: record.message, time })}\n`;
  return `time=${JSON.stringify(time)} level=${record.level} msg=${JSON.stringify(record.message)}\n`;
}

/** RFC 3339 in UTC, whole seconds: the logrus default. */
export function formatTime(seconds: number): string {
  const days = Math.floor(seconds / 86400);
  const rest = seconds - days * 86400;
  const clock = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map((part) => pad(part, 2)).join(':');
  return `${formatDate(days)}T${clock}Z`;
}

/** The civil calendar from days since 1970-01-01, without Date: eras of 400 years that begin on 1 March. */
function formatDate(days: number): string {
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
}

function pad(number: number, width: number): string {
  return String(number).padStart(width, '0');
}
