/**
 * Creates a working directory that the image does not have, as runc does. It walks one component at a time from a held
 * descriptor inside the root (rule B3), so nothing in the image can make it create a directory anywhere else.
 * [order] before the root file system becomes read-only because a directory cannot be made afterwards.
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { openDirectoryInRoot } from './apply-working-directory.ts';

/** Mode 0755 less the umask that the child has by then. root: the container's root directory, pointer: that of cwd. */
export function applyMissingDirectory(kernel: Kernel, root: Fd, cwd: string, pointer: string): void {
  if (cwd === '/') return;
  const whole = openDirectoryInRoot(kernel, root, cwd);
  if (typeof whole !== 'string') kernel.close(whole);
  // Anything else (not a directory, a loop) is told by applyWorkingDirectory, with the operation it belongs to.
  else if (whole === 'ENOENT') createPath(kernel, root, cwd, pointer);
}

/**
 * Each prefix is resolved afresh inside the root, so that links in the existing part work as they will for the process;
 * the new name is always made in the directory just opened. ".." needs no making: its parent exists.
 */
function createPath(kernel: Kernel, root: Fd, cwd: string, pointer: string): void {
  let parent: Fd = kernel.duplicate(root, 3);
  let prefix = '';
  try {
    for (const name of cwd.split('/')) {
      if (name === '' || name === '.') continue;
      prefix = `${prefix}/${name}`;
      if (name !== '..') createMissing(kernel, parent, { root, name, prefix }, pointer);
      const next = openDirectoryInRoot(kernel, root, prefix);
      if (typeof next === 'string') throw failure(prefix, pointer, 'openat2', next);
      kernel.close(parent);
      parent = next;
    }
  } finally {
    kernel.close(parent);
  }
}

interface Component {
  readonly root: Fd;
  readonly name: string;
  readonly prefix: string;
}

function createMissing(kernel: Kernel, parent: Fd, component: Component, pointer: string): void {
  const errno = kernel.mkdiratOrErrno(parent, component.name, 0o755);
  if (errno === 'EEXIST') return;
  // A file system that refuses to make what already exists (read-only, automounter) is no failure: the next open decides.
  if (errno !== undefined) {
    const existing = openDirectoryInRoot(kernel, component.root, component.prefix);
    if (typeof existing === 'string') throw failure(component.prefix, pointer, 'mkdirat', errno);
    kernel.close(existing);
  }
}

function failure(path: string, pointer: string, syscall: string, errno: string): RuntimeError {
  return new RuntimeError({
    kind: 'kernel',
    operation: 'create the working directory in the container',
    pointer,
    path,
    syscall,
    errno,
    ...(errno === 'EROFS' ? { hint: 'the root file system is read-only: the image must contain it' } : {}),
  });
}
