/**
 * HOME of a process that was given none: the home directory that the container's own /etc/passwd names, else "/".
 * The file is hostile: it may be a fifo, a device or endless, so it is opened without blocking, must be a regular file, and at
 * most 1 MiB of it is read (rule B14); whatever is wrong with it costs the process only its HOME. [man passwd.5]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { O_NONBLOCK, O_RDONLY, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, S_IFMT, S_IFREG } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { defaultHome, parsePasswdHome } from './parse-passwd-home.ts';

const limitBytes = 1024 * 1024;

/** root: the container's root directory. Never throws for what the container's file system holds. */
export function readPasswdHome(kernel: Kernel, root: Fd, uid: number): string {
  const flags = O_RDONLY | O_NONBLOCK;
  const file = kernel.openat2OrErrno(root, 'etc/passwd', flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  if (typeof file === 'string') return defaultHome;
  try {
    const { mode, size } = kernel.fstat(file);
    if ((mode & S_IFMT) !== S_IFREG || size > limitBytes) return defaultHome;
    return parsePasswdHome(readLenient(kernel, file, size), uid);
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
