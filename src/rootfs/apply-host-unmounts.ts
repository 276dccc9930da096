/**
 * A container without a mount namespace of its own has its mounts among the host's: they are taken away with it. Those that were
 * below its root when create ended, and not before, are its own, with what lies on them; a mount that somebody else has put
 * there since stays: "resources associated with the container, but not created by this container, MUST NOT be deleted". Each
 * mount is opened without following links, compared with its id, and unmounted by that descriptor.
 * [spec runtime.md#delete] [man umount.2]
 */
import { orErrno, RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import { MNT_DETACH, O_PATH, RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { findMountsBelow, type MountBelow } from './parse-mountinfo.ts';
import { readMountinfo } from './read-mountinfo.ts';

/** Ids of mounts. */
export interface HostMounts {
  /** Below the root before create mounted anything. */
  readonly before: readonly number[];
  /** New when it had ended; undefined: it did not come so far, and all that is new may be its own. */
  readonly made?: readonly number[] | undefined;
}

/** Of the mounts below the root now. root: absolute. */
export function readMountIdsBelow(kernel: Kernel, root: string): number[] {
  const directory = kernel.openat2(cwdFd, root, O_PATH | O_DIRECTORY, 0, 0);
  const below = readBelow(kernel, directory);
  kernel.close(directory);
  return below.map(({ id }) => id);
}

/** The kernel's list has the path without links and dots, which that of a config.json need not be. */
function readBelow(kernel: Kernel, directory: Fd): readonly MountBelow[] {
  return findMountsBelow(readMountinfo(kernel), kernel.readlinkat(cwdFd, `/proc/self/fd/${directory.number}`));
}

/** Rounds: taking one away can bring another into view that it covered, and a propagated mount goes with its source. */
const mostRounds = 16;

/** Unmounts what is the container's below `root`; throws when something cannot be taken away. */
export function applyHostUnmounts(kernel: Kernel, root: string, mounts: HostMounts): void {
  const directory = kernel.openat2OrErrno(cwdFd, root, O_PATH | O_DIRECTORY, 0, 0);
  if (directory === 'ENOENT') return;
  if (typeof directory === 'string') {
    throw new RuntimeError({ kind: 'kernel', path: root, syscall: 'openat2', errno: directory });
  }
  for (let round = 0; round < mostRounds; round++) {
    const ours = findOurs(readBelow(kernel, directory), mounts);
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

/** In the order of the kernel's list, where what is mounted on something comes after it. */
function findOurs(below: readonly MountBelow[], { before, made }: HostMounts): MountBelow[] {
  if (made === undefined) return below.filter(({ id }) => !before.includes(id));
  const ours = new Set<number>(made);
  return below.filter(({ id, parent }) => {
    if (!ours.has(id) && !ours.has(parent)) return false;
    ours.add(id);
    return true;
  });
}

/**
 * What is on top at that path now; another mount than the meant one is left for the next round. A mount is named by its descriptor's
 * entry in /proc/self/fd; the working directory is as before afterwards, for --log may be relative to it.
 */
function unmount(kernel: Kernel, directory: Fd, path: string, id: number): void {
  const mount = kernel.openat2OrErrno(directory, path, O_PATH, 0, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
  if (typeof mount === 'string') return;
  if (kernel.fstat(mount).mountId === id) {
    const back = kernel.openat2(cwdFd, '.', O_PATH | O_DIRECTORY, 0, 0);
    const descriptors = kernel.openat2(cwdFd, '/proc/self/fd', O_PATH | O_DIRECTORY, 0, 0);
    kernel.fchdir(descriptors);
    // EINVAL: somebody else has unmounted it since. What the kernel lets nobody unmount is there in the next round too.
    orErrno(['EINVAL'], () => kernel.umountEntry(String(mount.number), MNT_DETACH));
    kernel.fchdir(back);
    kernel.close(descriptors);
    kernel.close(back);
  }
  kernel.close(mount);
}
