/**
 * A container without a mount namespace of its own has its mounts among the host's: they are taken away with it. What lay below
 * its root before create is in the record, all the rest below it came with the container or from it (its processes share the
 * namespace). Each mount is opened without following links, compared with its id, and unmounted by that descriptor.
 * [spec runtime.md#delete] [man umount.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { MNT_DETACH, O_PATH, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { findMountsBelow } from './parse-mountinfo.ts';
import { readMountinfo } from './read-mountinfo.ts';

/** Ids of the mounts below the root, before anything is mounted there. root: absolute. */
export function readMountIdsBelow(kernel: Kernel, root: string): number[] {
  return findMountsBelow(readMountinfo(kernel), root).map(({ id }) => id);
}

/** Rounds: taking one away can bring another into view that it covered, and a propagated mount goes with its source. */
const mostRounds = 16;

/** Unmounts everything below `root` but `before`; throws when something cannot be taken away. */
export function applyHostUnmounts(kernel: Kernel, root: string, before: readonly number[]): void {
  const directory = kernel.openat2OrErrno(cwdFd, root, O_PATH | O_DIRECTORY, 0, 0);
  if (directory === 'ENOENT') return;
  if (typeof directory === 'string') {
    throw new RuntimeError({ kind: 'kernel', path: root, syscall: 'openat2', errno: directory });
  }
  for (let round = 0; round < mostRounds; round++) {
    const ours = findMountsBelow(readMountinfo(kernel), root).filter(({ id }) => !before.includes(id));
    if (ours.length === 0) {
      kernel.close(directory);
      return;
    }
    for (const { id, path } of ours.reverse()) unmount(kernel, directory, path, id);
  }
  throw new RuntimeError({
    kind: 'kernel',
    operation: 'unmount what the container has mounted',
    path: root,
    message: 'there are mounts below it still',
    hint: 'the container has no mount namespace; unmount them by hand, then delete again',
  });
}

/** What is on top at that path now; another mount than the meant one is left for the next round. */
function unmount(kernel: Kernel, directory: Fd, path: string, id: number): void {
  const mount = kernel.openat2OrErrno(directory, path, O_PATH, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (typeof mount === 'string') return;
  if (kernel.fstat(mount).mountId === id) kernel.umountFd(mount, MNT_DETACH);
  kernel.close(mount);
}
