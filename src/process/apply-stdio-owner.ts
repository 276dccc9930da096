/**
 * Gives descriptors 0, 1, 2 to the container's user, so that a program may open /dev/stdout again: they were made outside, often
 * by root. /dev/null is everybody's and stays. Only the owner changes: a group may be meant (a terminal's). [man fchown.2]
 * [order] inside the container's user namespace, before credentials are dropped, because afterwards it is not allowed.
 */
import { orErrno } from '../base/runtime-error.ts';
import { Fd } from '../kernel/fd.ts';
import { S_IFCHR, S_IFMT } from '../kernel/flags.ts';
import type { Kernel, Stat } from '../kernel/kernel.ts';

const stdio: readonly Fd<'object'>[] = [new Fd(0, 'stdin'), new Fd(1, 'stdout'), new Fd(2, 'stderr')];
/** Owner or group not mapped, or a read-only file system: better an unowned stream than no container; runc does the same. */
const tolerated: readonly string[] = ['EPERM', 'EINVAL', 'EROFS', 'EBADF'];

export function applyStdioOwner(kernel: Kernel, uid: number): void {
  for (const fd of stdio) {
    orErrno(tolerated, () => {
      const stat = kernel.fstat(fd);
      if (stat.uid !== uid && !isDevNull(stat)) kernel.fchown(fd, uid, stat.gid);
    });
  }
}

function isDevNull(stat: Stat): boolean {
  return (stat.mode & S_IFMT) === S_IFCHR && stat.rdevMajor === 1 && stat.rdevMinor === 3;
}
