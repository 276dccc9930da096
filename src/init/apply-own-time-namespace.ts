/**
 * A new time namespace with offsets, made and entered by one process: unshare(2) makes it for children, the offsets are written
 * while nobody is in it, then the process joins what it has made. For ordinary users, whose runtime has no power to do it before
 * clone3. [order] after the user namespace is mapped, because the offsets need CAP_SYS_TIME there. [man time_namespaces.7]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd } from '../kernel/fd.ts';
import {
  CLONE_NEWTIME,
  O_RDONLY,
  O_WRONLY,
  PR_SET_DUMPABLE,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { openProcessDirectory } from './open-procfs.ts';

/** offsets: the text for timens_offsets. */
export function applyOwnTimeNamespace(kernel: Kernel, offsets: string): void {
  kernel.unshare(CLONE_NEWTIME);
  // Nobody else is in the user namespace yet: for this moment the process may own its files in /proc (risk D4).
  kernel.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  const self = openProcessDirectory(kernel, 'self');
  const inside = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  const file = kernel.openat2(self, 'timens_offsets', O_WRONLY, 0, inside);
  kernel.close(self);
  kernel.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  try {
    kernel.write(file, offsets);
  } catch (error) {
    throw error instanceof RuntimeError
      ? error.with({ operation: 'set the offsets of the time namespace', pointer: '/linux/timeOffsets' })
      : error;
  }
  kernel.close(file);
  const made = kernel.openat2(cwdFd, '/proc/self/ns/time_for_children', O_RDONLY, 0, 0);
  kernel.setns(made, CLONE_NEWTIME);
  kernel.close(made);
}
