/**
 * The directories of images and of criu's log: made when a dump needs them, opened once, given to criu as descriptors, so that
 * what was checked is what is used. [man runc-checkpoint.8]
 */
import type { CriuFlags } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { dumpLog, restoreLog } from '../checkpoint/plan-criu-options.ts';
import { readCriuErrors } from '../checkpoint/read-criu-log.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import {
  AT_SYMLINK_NOFOLLOW,
  O_RDONLY,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { absolutePath } from '../spec/read-bundle.ts';

export interface OpenedDirectories {
  readonly images: Fd<'host'>;
  /** undefined: criu uses that of the images. */
  readonly work: Fd<'host'> | undefined;
}

const defaultImagePath = 'checkpoint';

/** make: what is missing is made, for nobody but us: memory of the container will lie there. */
export function openCriuDirectories(kernel: Kernel, flags: CriuFlags, make: boolean): OpenedDirectories {
  const images = openOne(kernel, '--image-path', flags.imagePath || defaultImagePath, make);
  refusePlanted(kernel, images, readNames(kernel, images));
  refusePlantedParents(kernel, images);
  const work = flags.workPath ? openOne(kernel, '--work-path', flags.workPath, true) : undefined;
  // It may be any directory, and others may have links in it: what criu writes there must not go through one.
  if (work !== undefined) refusePlanted(kernel, work, writtenNames);
  return { images, work };
}

/** The link to the images of an earlier dump, which criu makes of --parent-path. */
const parentName = 'parent';
const writtenNames = [dumpLog, restoreLog, 'stats-dump', 'stats-restore'];

function readNames(kernel: Kernel, directory: Fd<'host'>): readonly string[] {
  const flags = O_RDONLY | O_DIRECTORY;
  const listing = kernel.openat2(directory, '.', flags, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  const names = kernel.readDirectory(listing);
  kernel.close(listing);
  return names;
}

/**
 * criu follows links, as root: images that came out of somebody's archive could make it write its log over a file of the host, or
 * read one as memory of the container; a FIFO or a device would hold it up for ever.
 */
function refusePlanted(
  kernel: Kernel,
  directory: Fd<'host'>,
  names: readonly string[],
  path: string = directory.path,
): void {
  for (const name of names) {
    const stat = kernel.statxOrErrno(directory, name, AT_SYMLINK_NOFOLLOW);
    if (typeof stat === 'string') continue;
    const type = stat.mode & S_IFMT;
    if (type === S_IFREG || type === S_IFDIR || type === S_IFSOCK) continue;
    if (type === S_IFLNK && name === parentName) continue;
    throw new RuntimeError({
      kind: 'state',
      path: `${path}/${name}`,
      message: 'is a link, FIFO or device, which criu would follow or wait for: images are files',
    });
  }
}

/** One for each round of a migration. */
const mostParents = 256;

/** criu takes pages that did not change from the images before, and the ones before those: the same is true of what lies there. */
function refusePlantedParents(kernel: Kernel, images: Fd<'host'>): void {
  let directory = images;
  let path = images.path;
  for (let count = 0; count <= mostParents; count += 1) {
    const parent = kernel.openat2OrErrno(directory, parentName, O_RDONLY | O_DIRECTORY, 0, 0);
    if (directory !== images) kernel.close(directory);
    // None, or one that criu cannot open either.
    if (typeof parent === 'string') return;
    directory = parent;
    path += `/${parentName}`;
    refusePlanted(kernel, directory, readNames(kernel, directory), path);
  }
  kernel.close(directory);
  throw new RuntimeError({
    kind: 'state',
    path: `${images.path}/${parentName}`,
    message: `leads to more than ${mostParents} directories of images: it goes round in circles`,
  });
}

function openOne(kernel: Kernel, flag: string, given: string, make: boolean): Fd<'host'> {
  const path = absolutePath(kernel, given);
  if (make) makeDirectories(kernel, path);
  const opened = kernel.openat2OrErrno(cwdFd, path, O_RDONLY | O_DIRECTORY, 0, 0);
  if (typeof opened !== 'string') return opened;
  throw new RuntimeError({ kind: 'usage', operation: flag, path, syscall: 'openat2', errno: opened });
}

function makeDirectories(kernel: Kernel, path: string): void {
  const errno = kernel.mkdiratOrErrno(cwdFd, path, 0o700);
  if (errno !== 'ENOENT') return; // Made, or there; whatever else it is, opening it says so.
  const slash = path.lastIndexOf('/');
  if (slash <= 0) return;
  makeDirectories(kernel, path.slice(0, slash));
  kernel.mkdiratOrErrno(cwdFd, path, 0o700);
}

/** --parent-path: relative to the images, where the images of an earlier pre-dump must be. */
export function requireParentImages(kernel: Kernel, images: Fd<'host'>, parent: string | undefined): void {
  if (parent === undefined || parent === '') return;
  const stat = kernel.statxOrErrno(images, parent, 0);
  const errno = typeof stat === 'string' ? stat : (stat.mode & S_IFMT) === S_IFDIR ? undefined : 'ENOTDIR';
  if (errno === undefined) return;
  const path = `${images.path}/${parent}`;
  throw new RuntimeError({ kind: 'usage', operation: 'invalid --parent-path', path, syscall: 'statx', errno });
}

/**
 * The same directories as seen by a process with a mount namespace of its own: criu makes one of them its working directory, and
 * mounts there, which the kernel allows in one's own namespace only.
 */
export function reopenDirectories(kernel: Kernel, pid: number, opened: OpenedDirectories): OpenedDirectories {
  return { images: reopen(kernel, pid, opened.images), work: opened.work && reopen(kernel, pid, opened.work) };
}

function reopen(kernel: Kernel, pid: number, fd: Fd<'host'>): Fd<'host'> {
  const path = kernel.readlinkat(cwdFd, `/proc/self/fd/${fd.number}`);
  const again = kernel.openat2(cwdFd, `/proc/${pid}/root${path}`, O_RDONLY | O_DIRECTORY, 0, 0);
  const [before, now] = [kernel.fstat(fd), kernel.fstat(again)];
  if (before.ino === now.ino && before.devMajor === now.devMajor && before.devMinor === now.devMinor) return again;
  throw new RuntimeError({ kind: 'usage', path, message: 'was replaced while the restore began' });
}

/** criu's failure with what its log says, and where the log is. */
export function explainCriuFailure(
  kernel: Kernel,
  { images, work }: OpenedDirectories,
  log: string,
  error: unknown,
): unknown {
  if (!(error instanceof RuntimeError) || error.fields.message?.startsWith('criu ') !== true) return error;
  const directory = work ?? images;
  const errors = readCriuErrors(kernel, directory, log);
  // Its own sentence is the first error of the log, and seldom about what it failed for.
  const [said = ''] =
    errors === '' ? [error.fields.message] : (/^[^:]*: type \S+ errno -?\d+|^.*/.exec(error.fields.message) ?? []);
  const more = errors === '' ? '' : `: ${errors}`;
  return error.with({ message: `${said}${more}: log file: ${directory.path}/${log}` });
}
