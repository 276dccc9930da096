/**
 * Durations as Go writes them, "1h30m", "1.5s", "100ms", which runc's flags take -> milliseconds. Pure, without regular
 * expressions.
 */

const milliseconds: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['\u00b5s', 1e-3],
  ['\u03bcs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** What Go's 64 bits of nanoseconds hold. */
const longestMs = 2 ** 63 / 1e6;

/** undefined: it is none. */
export function parseDuration(text: string): number | undefined {
  const sign = text[0] === '-' ? -1 : 1;
  let at = text[0] === '-' || text[0] === '+' ? 1 : 0;
  if (text.slice(at) === '0') return 0;
  if (at === text.length) return undefined;
  let sum = 0;
  while (at < text.length) {
    const numberEnd = skip(text, at, isDigitOrPoint);
    const unitEnd = skip(text, numberEnd, (character) => !isDigitOrPoint(character));
    const value = parseDecimal(text.slice(at, numberEnd));
    const unit = milliseconds.get(text.slice(numberEnd, unitEnd));
    if (value === undefined || unit === undefined) return undefined;
    sum += value * unit;
    at = unitEnd;
  }
  return sum < longestMs ? sign * sum : undefined;
}

/** Digits with at most one point, and at least one digit. */
function parseDecimal(text: string): number | undefined {
  const parts = text.split('.');
  return parts.length > 2 || text === '' || text === '.' ? undefined : Number(text);
}

function isDigitOrPoint(character: string): boolean {
  return character === '.' || (character >= '0' && character <= '9');
}

function skip(text: string, start: number, wanted: (character: string) => boolean): number {
  let at = start;
  while (at < text.length && wanted(text[at] as string)) at++;
  return at;
}
