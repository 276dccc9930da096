/**
 * Enters the process's working directory and proves that it is inside the container: CVE-2024-21626 was a cwd that led through
 * a leaked descriptor to the host. Rule B8: resolved inside the root without magic links, then the kernel's own word on it.
 * [spec config.md#process] [man openat2.2] [man getcwd.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import type { Fd, FdTree } from '../kernel/fd.ts';
import { O_PATH, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** A rename somewhere on the way makes openat2 answer EAGAIN; runc saw storms of 800 us. */
const openAttempts = 128;

/**
 * root: the container's root directory, pointer: that of cwd. Entered as root, as runc does first: a directory that
 * root may enter and the user may not is the bundle's decision.
 */
export function applyWorkingDirectory(kernel: Kernel, root: Fd, cwd: string, pointer: string): void {
  const directory = openDirectoryInRoot(kernel, root, cwd);
  if (typeof directory === 'string') throw failure(cwd, pointer, directory);
  try {
    kernel.fchdir(directory);
  } finally {
    kernel.close(directory);
  }
  // The raw system call says "(unreachable)/..." for a directory outside of the root. [CVE-2024-21626]
  const inside = kernel.getcwd();
  if (!inside.startsWith('/')) {
    throw new RuntimeError({
      kind: 'spec',
      operation: `chdir to cwd (${JSON.stringify(cwd)}) set in config.json`,
      pointer,
      message: `it is outside of the container's root (${JSON.stringify(inside)}): possible container breakout`,
    });
  }
}

/** A descriptor that only names the directory, or the errno's name. */
export function openDirectoryInRoot<Tree extends FdTree>(
  kernel: Kernel,
  root: Fd<Tree>,
  path: string,
): Fd<Tree> | string {
  let result: Fd<Tree> | string = 'EAGAIN';
  for (let attempt = 0; attempt < openAttempts && result === 'EAGAIN'; attempt++) {
    result = kernel.openat2OrErrno(root, path, O_PATH | O_DIRECTORY, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  }
  return result;
}

function failure(cwd: string, pointer: string, errno: string): RuntimeError {
  return new RuntimeError({
    kind: 'kernel',
    operation: `chdir to cwd (${JSON.stringify(cwd)}) set in config.json failed`,
    pointer,
    syscall: 'openat2',
    errno,
    ...(errno === 'ELOOP' ? { hint: 'links of /proc such as /proc/self/fd/N are not followed' } : {}),
  });
}
