/**
 * The directories of images and of criu's log: made when a dump needs them, opened once, given to criu as descriptors, so that
 * what was checked is what is used. [man runc-checkpoint.8]
 */
import type { CriuFlags } from '../base/request.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { readCriuErrors } from '../checkpoint/read-criu-log.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { O_RDONLY, S_IFDIR, S_IFMT } from '../kernel/flags.ts';
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
  const work = flags.workPath ? openOne(kernel, '--work-path', flags.workPath, true) : undefined;
  return { images, work };
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
