/**
 * --pid-file: engines read it as soon as it is there, so it appears whole, by rename, and last. Its directory is opened before
 * the container is created: a wrong path fails while nothing has happened yet. [man renameat2.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { AT_SYMLINK_NOFOLLOW, O_CREAT, O_EXCL, O_PATH, O_WRONLY, S_IFDIR, S_IFMT } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { UndoStack } from './undo-stack.ts';

export interface PidFile {
  readonly directory: Fd<'host'>;
  readonly name: string;
}

/** undefined when the flag was not given. */
export function openPidFile(kernel: Kernel, path: string | undefined): PidFile | undefined {
  if (path === undefined) return undefined;
  const slash = path.lastIndexOf('/');
  const name = path.slice(slash + 1);
  if (name === '' || name === '.' || name === '..') {
    throw new RuntimeError({ kind: 'usage', path, message: '--pid-file: must name a file' });
  }
  const parent = slash < 0 ? '.' : slash === 0 ? '/' : path.slice(0, slash);
  const directory = kernel.openat2OrErrno(cwdFd, parent, O_PATH | O_DIRECTORY, 0, 0);
  if (typeof directory === 'string') {
    throw new RuntimeError({ kind: 'usage', operation: 'open --pid-file', path, syscall: 'openat2', errno: directory });
  }
  const existing = kernel.statxOrErrno(directory, name, AT_SYMLINK_NOFOLLOW);
  if (typeof existing !== 'string' && (existing.mode & S_IFMT) === S_IFDIR) {
    throw new RuntimeError({ kind: 'usage', operation: 'open --pid-file', path, errno: 'EISDIR' });
  }
  return { directory, name };
}

/** undo: of an operation that can still fail afterwards. */
export function writePidFile(kernel: Kernel, file: PidFile, pid: number, undo?: UndoStack): void {
  const temporary = `.${file.name}`;
  kernel.unlinkatOrErrno(file.directory, temporary, 0);
  const opened = kernel.openat2(file.directory, temporary, O_WRONLY | O_CREAT | O_EXCL, 0o644, 0);
  try {
    kernel.write(opened, String(pid));
    kernel.renameat2(file.directory, temporary, file.directory, file.name, 0);
  } catch (error) {
    kernel.unlinkatOrErrno(file.directory, temporary, 0);
    throw error instanceof RuntimeError ? error.within('write --pid-file') : error;
  } finally {
    kernel.close(opened);
    if (undo === undefined) kernel.close(file.directory);
  }
  undo?.push(
    `remove ${file.name}`,
    () => kernel.unlinkat(file.directory, file.name, 0),
    () => kernel.close(file.directory),
  );
}
