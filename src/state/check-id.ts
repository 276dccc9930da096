/**
 * Which container ids are allowed. Asked by every command before the id becomes part of any path: an id such as ".." must
 * never reach the file system. The alphabet is runc's, made stricter: at most 255 bytes, never beginning with "." or "-".
 */
import { RuntimeError } from '../base/runtime-error.ts';

/** The longest name of a directory on Linux [man limits.h]. */
const idLimit = 255;

/** Throws 'invalid container ID format' with the reason. */
export function checkId(id: string): void {
  const reason = faultOfId(id);
  if (reason === undefined) return;
  throw new RuntimeError({
    kind: 'usage',
    message: `invalid container ID format: ${JSON.stringify(id.slice(0, 80))} ${reason}`,
    hint: 'an id is 1 to 255 of A-Z a-z 0-9 _ + . - and does not begin with "." or "-"',
  });
}

/** undefined: allowed. */
export function faultOfId(id: string): string | undefined {
  if (id === '') return 'is empty';
  if (id.length > idLimit) return `is longer than ${idLimit}`;
  if (id[0] === '.' || id[0] === '-') return `begins with "${id[0]}"`;
  for (let i = 0; i < id.length; i++) {
    if (!isIdCode(id.charCodeAt(i))) return `holds ${JSON.stringify(id[i])}`;
  }
  return undefined;
}

/** [A-Za-z0-9_+.-] by code, without a regular expression: this runs in every command. */
function isIdCode(code: number): boolean {
  if (code >= 0x61 && code <= 0x7a) return true;
  if (code >= 0x41 && code <= 0x5a) return true;
  if (code >= 0x30 && code <= 0x39) return true;
  return code === 0x5f || code === 0x2b || code === 0x2e || code === 0x2d;
}
