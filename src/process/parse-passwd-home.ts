/**
 * One user's home directory in the text of an /etc/passwd, whose characters are its bytes. The text is hostile: it is searched
 * with indexOf, never with a RegExp (rule B14). Pure. [man passwd.5]
 */
import { decodeUtf8 } from '../base/utf8.ts';

/** For whoever the file does not name, as in runc. */
export const defaultHome = '/';

/** name:password:UID:GID:GECOS:directory:shell. Searching for the third field is quicker than taking every line apart. */
export function parsePasswdHome(text: string, uid: number): string {
  const needle = `:${uid}:`;
  for (let at = text.indexOf(needle); at !== -1; at = text.indexOf(needle, at + 1)) {
    const start = text.lastIndexOf('\n', at) + 1;
    const end = text.indexOf('\n', at);
    const fields = text.slice(start, end === -1 ? text.length : end).split(':');
    if (text.charAt(start) === '#' || fields[2] !== String(uid)) continue;
    return fields[5] === undefined || fields[5] === '' ? defaultHome : fromUtf8(fields[5]);
  }
  return defaultHome;
}

/** The bytes of one field as text. */
function fromUtf8(bytes: string): string {
  return decodeUtf8(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
}
