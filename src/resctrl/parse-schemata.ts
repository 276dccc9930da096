/**
 * The lines of a schemata file by meaning, so that "L3:0=0F;1=1" is what the kernel shows as "    L3:0=f;1=1". Pure.
 * [kernel Documentation/filesystems/resctrl.rst]
 */

/** Resource ("L3", "MB") -> domain -> value, without blanks and leading zeros, in lower case. */
export type Schemata = ReadonlyMap<string, ReadonlyMap<string, string>>;

export function parseSchemata(text: string): Schemata {
  const all = new Map<string, Map<string, string>>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const resource = line.slice(0, colon).trim();
    const domains = all.get(resource) ?? new Map<string, string>();
    for (const part of line.slice(colon + 1).split(';')) {
      const equals = part.indexOf('=');
      if (equals > 0) domains.set(plainNumber(part.slice(0, equals)), plainNumber(part.slice(equals + 1)));
    }
    all.set(resource, domains);
  }
  return all;
}

/** The first "L3:0" that `wanted` has and `actual` has not, or has otherwise; undefined: all is as wanted. */
export function findSchemaDifference(wanted: Schemata, actual: Schemata): string | undefined {
  for (const [resource, domains] of wanted) {
    for (const [domain, value] of domains) {
      if (actual.get(resource)?.get(domain) !== value) return `${resource}:${domain}`;
    }
  }
  return undefined;
}

function plainNumber(text: string): string {
  const digits = text.trim().toLowerCase();
  let start = 0;
  while (start < digits.length - 1 && digits[start] === '0') start += 1;
  return digits.slice(start);
}
