/**
 * How every directory and file of the cgroup tree is opened: below a descriptor, never through a symbolic link or out of the
 * tree (rule B2). The tree's own mount point is the exception: it is an absolute host path. [man openat2.2]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import type { Fd } from '../kernel/fd.ts';
import {
  O_RDONLY,
  O_WRONLY,
  RESOLVE_BENEATH,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

const RESOLVE_HOST = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
const RESOLVE_INSIDE = RESOLVE_HOST | RESOLVE_BENEATH | RESOLVE_NO_XDEV;

/** cgroup files are small; the largest, cgroup.procs of a huge container, has 8 bytes for each process. */
const FILE_LIMIT_BYTES = 64 * 1024 * 1024;

/** A directory below dir, or the errno's name. */
export function openDirectory(kernel: Kernel, dir: Fd<'cgroup'>, path: string): Fd<'cgroup'> | string {
  return kernel.openat2OrErrno(dir, path, O_RDONLY | O_DIRECTORY, 0, RESOLVE_INSIDE);
}

/** A directory of this file system cannot be moved, so ".." is where we came from. */
export function openParent(kernel: Kernel, dir: Fd<'cgroup'>): Fd<'cgroup'> {
  return kernel.openat2(dir, '..', O_RDONLY | O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV);
}

/** A place where the tree may be mounted, on the way to which mounts are crossed. The caller checks what is there. */
export function openMountPoint(kernel: Kernel, start: Fd<'cgroup'>, path: string): Fd<'cgroup'> | string {
  return kernel.openat2OrErrno(start, path, O_RDONLY | O_DIRECTORY, 0, RESOLVE_HOST);
}

/** The whole file, or the errno's name. */
export function readFile(kernel: Kernel, dir: Fd<'cgroup'>, name: string): { readonly text: string } | string {
  const file = kernel.openat2OrErrno(dir, name, O_RDONLY, 0, RESOLVE_INSIDE);
  if (typeof file === 'string') return file;
  try {
    return { text: kernel.readAll(file, FILE_LIMIT_BYTES) };
  } finally {
    kernel.close(file);
  }
}

/** With one read(2), where a whole text would take three calls. undefined: the cgroup was removed meanwhile; else the errno's name. */
export function readFirstByte(kernel: Kernel, dir: Fd<'cgroup'>, name: string): number | string | undefined {
  const file = kernel.openat2OrErrno(dir, name, O_RDONLY, 0, RESOLVE_INSIDE);
  if (typeof file === 'string') return file === 'ENOENT' || file === 'ENODEV' ? undefined : file;
  try {
    return kernel.read(file, 1)[0];
  } catch (error) {
    if (error instanceof RuntimeError && error.fields.errno === 'ENODEV') return undefined;
    throw error;
  } finally {
    kernel.close(file);
  }
}

/** One write(2) of the whole value. undefined, or the errno's name when the file cannot be opened; a refused value throws. */
export function writeFile(kernel: Kernel, dir: Fd<'cgroup'>, name: string, value: string): undefined | string {
  const file = kernel.openat2OrErrno(dir, name, O_WRONLY, 0, RESOLVE_INSIDE);
  if (typeof file === 'string') return file;
  try {
    // Nothing at all would be no write(2): a line without anything is what empties a list.
    kernel.write(file, value === '' ? '\n' : value);
    return undefined;
  } finally {
    kernel.close(file);
  }
}

/** As writeFile, to a cgroup that systemd or another command may remove meanwhile: then ENODEV, in whichever way it shows. */
export function writeUnlessRemoved(kernel: Kernel, dir: Fd<'cgroup'>, name: string, value: string): undefined | string {
  const written = orErrno(['ENOENT', 'ENODEV'], () => writeFile(kernel, dir, name, value));
  // The file was opened, and by the time of the write its cgroup was gone.
  if (typeof written === 'object') return 'ENODEV';
  return written === 'ENOENT' && isRemoved(kernel, dir) ? 'ENODEV' : written;
}

/** Whether a directory that we hold is not in the tree any more. */
export function isRemoved(kernel: Kernel, dir: Fd<'cgroup'>): boolean {
  if (kernel.fstat(dir).nlink === 0) return true;
  const stat = kernel.statxOrErrno(dir, 'cgroup.procs', 0);
  return stat === 'ENOENT' || stat === 'ENODEV';
}
