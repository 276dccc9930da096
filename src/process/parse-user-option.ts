/**
 * "uid[:gid]" of exec --user, and single ids of exec --additional-gids. Names are never resolved: whose names would they be?
 * Digits only, 0 to 4294967294: -1 (4294967295) means "unchanged" to setresuid(2), which would leave root (rule B9).
 */
import { RuntimeError } from '../base/runtime-error.ts';

/** gid undefined: that of the config stays. */
export interface UserOption {
  readonly uid: number;
  readonly gid: number | undefined;
}

const maximumId = 4294967294;

/** Throws kind 'usage', naming the flag. */
export function parseUserOption(text: string): UserOption {
  const colon = text.indexOf(':');
  if (colon === -1) return { uid: parseId(text, '--user', 'uid'), gid: undefined };
  return {
    uid: parseId(text.slice(0, colon), '--user', 'uid'),
    gid: parseId(text.slice(colon + 1), '--user', 'gid'),
  };
}

/** One id: no sign, blank, fraction, hexadecimal or wrap-around. Throws kind 'usage', naming the flag. */
export function parseId(text: string, flag: string, what: 'uid' | 'gid'): number {
  let isPlain = text.length > 0 && text.length <= 10;
  for (let index = 0; isPlain && index < text.length; index++) {
    const code = text.charCodeAt(index);
    isPlain = code >= 48 && code <= 57;
  }
  const id = isPlain ? Number(text) : Number.NaN;
  if (id >= 0 && id <= maximumId) return id;
  throw new RuntimeError({
    kind: 'usage',
    operation: flag,
    message: `bad ${what} ${JSON.stringify(text.slice(0, 40))}: not a number from 0 to ${maximumId}`,
    hint: 'write numbers (uid[:gid]); names are not looked up',
  });
}
