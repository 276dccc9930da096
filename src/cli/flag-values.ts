/** Single values out of what the parser made of the flags. */
import type { FlagValues } from './flag-parsers.ts';

/** Of a flag that is given twice the last value counts, as in Go. */
export function text(values: FlagValues, name: string): string | undefined {
  const value = values[name];
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value[value.length - 1] : undefined;
}

export function isSet(values: FlagValues, name: string): boolean {
  return values[name] === true;
}

export function list(values: FlagValues, name: string): readonly string[] {
  const value = values[name];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value : [];
}
