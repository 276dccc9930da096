/**
 * The only way from an untrusted path to a descriptor: resolved by the kernel inside the container's root, without magic links,
 * never opened for input or output (O_PATH), and created one component at a time from a held directory (rule B3).
 * It must not compare paths as strings, and must not decide what is mounted where.
 * [man openat2.2] [CVE-2021-30465] [CVE-2024-45310] [CVE-2025-31133]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY, O_NOFOLLOW } from '../kernel/architecture-flags.ts';
import type { Fd } from '../kernel/fd.ts';
import {
  O_PATH,
  RESOLVE_BENEATH,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  S_IFREG,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { isLink } from './file-type.ts';

/** A rename anywhere on the system makes openat2 answer EAGAIN; under a storm of renames runc saw 800 us of it. */
const openAttempts = 128;
/** As the kernel: MAXSYMLINKS. */
const mostLinks = 40;

/** flags and resolve are added to O_PATH, RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS. Gives the errno's name on failure. */
export function openInRootOrErrno(
  kernel: Kernel,
  root: Fd<'root'>,
  path: string,
  flags: number,
  resolve: number,
): Fd<'root'> | string {
  let result: Fd<'root'> | string = 'EAGAIN';
  for (let attempt = 0; attempt < openAttempts && result === 'EAGAIN'; attempt++) {
    result = kernel.openat2OrErrno(root, path, O_PATH | flags, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve);
  }
  return result;
}

/**
 * The directory at an absolute path inside the root; what is missing is created (mode 0755, the umask is 0).
 * resolve: RESOLVE_NO_SYMLINKS for an ordinary directory, else 0.
 */
export function openOrMakeDirectory(kernel: Kernel, root: Fd<'root'>, path: string, resolve: number): Fd<'root'> {
  const opened = openInRootOrErrno(kernel, root, path, O_DIRECTORY, resolve);
  if (typeof opened !== 'string') return opened;
  if (opened !== 'ENOENT') throw openFailure(path, opened);
  return makeMissing(kernel, root, { path, isDirectory: true, resolve, links: 0 });
}

/**
 * For a bind mount of a file: an empty file is created if nothing is there. The existing one is never opened for I/O. keepLink: a
 * symbolic link there is the mount point itself.
 */
export function openOrMakeMountPoint(
  kernel: Kernel,
  root: Fd<'root'>,
  path: string,
  isSourceDirectory: () => boolean,
  keepLink = false,
): Fd<'root'> {
  const opened = openInRootOrErrno(kernel, root, path, keepLink ? O_NOFOLLOW : 0, 0);
  if (typeof opened !== 'string') return opened;
  if (opened !== 'ENOENT') throw openFailure(path, opened);
  return makeMissing(kernel, root, { path, isDirectory: isSourceDirectory(), resolve: 0, links: 0 });
}

interface Missing {
  readonly path: string;
  readonly isDirectory: boolean;
  readonly resolve: number;
  /** Dangling links followed so far. */
  readonly links: number;
}

function makeMissing(kernel: Kernel, root: Fd<'root'>, missing: Missing): Fd<'root'> {
  const { path } = missing;
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  const above = slash <= 0 ? '/' : path.slice(0, slash);
  // Only the text of a dangling link can bring these in.
  if (name === '' || name === '.') return openOrMake(kernel, root, { ...missing, path: above });
  if (name === '..') throw openFailure(path, 'ENOENT');
  const parent = openOrMake(kernel, root, { ...missing, path: above, isDirectory: true });
  try {
    const made = makeAt(kernel, parent, name, missing.isDirectory);
    if (made !== undefined) return made;
    return followDangling(kernel, root, parent, name, { ...missing, path: above });
  } finally {
    kernel.close(parent);
  }
}

function openOrMake(kernel: Kernel, root: Fd<'root'>, missing: Missing): Fd<'root'> {
  const opened = openInRootOrErrno(kernel, root, missing.path, missing.isDirectory ? O_DIRECTORY : 0, missing.resolve);
  if (typeof opened !== 'string') return opened;
  if (opened !== 'ENOENT' || missing.path === '/') throw openFailure(missing.path, opened);
  return makeMissing(kernel, root, missing);
}

/** undefined: there is a link of that name. Whoever created the entry first, what is opened is in this directory. */
function makeAt(kernel: Kernel, parent: Fd<'root'>, name: string, isDirectory: boolean): Fd<'root'> | undefined {
  if (isDirectory) makeDirectoryAt(kernel, parent, name);
  else makeEmptyFile(kernel, parent, name);
  const flags = O_PATH | O_NOFOLLOW | (isDirectory ? O_DIRECTORY : 0);
  const opened = kernel.openat2OrErrno(parent, name, flags, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (opened === 'ELOOP' || opened === 'ENOTDIR') return undefined;
  if (typeof opened !== 'string') {
    // With O_PATH and O_NOFOLLOW the kernel gives the link itself, even if none may be followed.
    if (isDirectory || !isLink(kernel.fstat(opened))) return opened;
    kernel.close(opened);
    return undefined;
  }
  throw openFailure(`${parent.path}/${name}`, opened);
}

/** Mode 0755; one that is there already is as good. */
export function makeDirectoryAt(kernel: Kernel, parent: Fd, name: string): void {
  const errno = kernel.mkdiratOrErrno(parent, name, 0o755);
  if (errno === undefined || errno === 'EEXIST') return;
  throw new RuntimeError({
    kind: 'kernel',
    path: parent.path === '/' ? `/${name}` : `${parent.path}/${name}`,
    syscall: 'mkdirat',
    errno,
    ...(errno === 'EROFS' ? { hint: 'the root file system is read-only: the image must contain this directory' } : {}),
  });
}

/** mknod instead of open: an existing FIFO or device would otherwise be opened. */
export function makeEmptyFile(kernel: Kernel, parent: Fd, name: string): void {
  orErrno(['EEXIST'], () => kernel.mknodat(parent, name, S_IFREG | 0o644, 0, 0));
}

/** An image may ship a link whose target does not exist yet (/etc/resolv.conf): the target is made, inside the root. */
function followDangling(
  kernel: Kernel,
  root: Fd<'root'>,
  parent: Fd<'root'>,
  name: string,
  above: Missing,
): Fd<'root'> {
  if (above.links >= mostLinks) throw openFailure(`${above.path}/${name}`, 'ELOOP');
  if ((above.resolve & RESOLVE_NO_SYMLINKS) !== 0) throw openFailure(`${above.path}/${name}`, 'ELOOP');
  const text = kernel.readlinkat(parent, name);
  const path = text.charCodeAt(0) === 47 ? text : `${above.path}/${text}`;
  return openOrMake(kernel, root, { ...above, path, links: above.links + 1 });
}

function openFailure(path: string, errno: string): RuntimeError {
  const hint =
    errno === 'ELOOP'
      ? 'symbolic links go round in circles, or lead through a link of /proc'
      : errno === 'ENOTDIR'
        ? 'a directory is needed there'
        : undefined;
  return new RuntimeError({
    kind: 'kernel',
    path,
    syscall: 'openat2',
    errno,
    ...(hint === undefined ? {} : { hint }),
  });
}
