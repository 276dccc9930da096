/**
 * HOME of a process that was given none: the home directory that the container's own /etc/passwd names, else "/".
 * The file is hostile: it may be a fifo, a device or endless, so it is opened without blocking, must be a regular file, and at
 * most 1 MiB of it is read (rule B14); whatever is wrong with it costs the process only its HOME. [man passwd.5]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { decodeUtf8 } from '../base/utf8.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_NONBLOCK, O_RDONLY, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, S_IFMT, S_IFREG } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

const limitBytes = 1024 * 1024;
const defaultHome = '/';

/** root: the container's root directory. Never throws for what the container's file system holds. */
export function readPasswdHome(kernel: Kernel, root: Fd, uid: number): string {
  const flags = O_RDONLY | O_NONBLOCK;
  const file = kernel.openat2OrErrno(root, 'etc/passwd', flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  if (typeof file === 'string') return defaultHome;
  try {
    const { mode, size } = kernel.fstat(file);
    if ((mode & S_IFMT) !== S_IFREG || size > limitBytes) return defaultHome;
    return findHome(readLenient(kernel, file, size), uid);
  } catch (error) {
    if (error instanceof RuntimeError && error.fields.kind === 'kernel') return defaultHome;
    throw error;
  } finally {
    kernel.close(file);
  }
}

/** Bytes as characters: somebody's full name in Latin-1 must not hide the lines of the others. */
function readLenient(kernel: Kernel, file: Fd, size: number): string {
  let text = '';
  while (text.length < size) {
    const bytes = kernel.read(file, Math.min(size - text.length, 16384));
    if (bytes.length === 0) return text;
    text += String.fromCharCode(...bytes);
  }
  return text;
}

/** name:password:UID:GID:GECOS:directory:shell. Searching for the third field is quicker than taking every line apart. */
export function findHome(text: string, uid: number): string {
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
