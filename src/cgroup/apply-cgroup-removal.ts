/**
 * Removes a container's cgroup, the sub-cgroups that the container made, and the parents that create made. Kills nothing and
 * removes nothing that is not the recorded cgroup (rule B16): an inode number of a cgroup is never used twice in one boot.
 * [order] sub-cgroups before their parent because the kernel refuses to remove a cgroup that has children. [man cgroups.7]
 */
import { during, RuntimeError } from '../base/runtime-error.ts';
import { emptyTree } from '../kernel/empty-tree.ts';
import type { Fd } from '../kernel/fd.ts';
import { AT_REMOVEDIR, AT_SYMLINK_NOFOLLOW } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { waitCgroupEmpty } from './apply-cgroup-kill.ts';
import type { CgroupIdentity } from './cgroup-identity.ts';
import { openDirectory, openParent } from './open-in-cgroup.ts';
import { readCgroupProcesses, readChildren } from './read-cgroup.ts';

/** Sub-cgroups can appear while we remove: by then nothing lives in them that could make more, so a few rounds are enough. */
const ROUNDS = 16;

/**
 * A cgroup that is gone or is not the recorded one any more is left alone and counts as removed. With inode 0 (the journal of
 * a create that died) only an unpopulated one is removed: nothing of ours is put into one before its inode is on disk, so who
 * lives there is somebody else. Waits up to timeoutMs for processes on their way out, then throws.
 * Two system calls when it is empty and directly below the root.
 */
export function applyCgroupRemoval(
  kernel: Kernel,
  root: Fd<'cgroup'>,
  identity: CgroupIdentity,
  timeoutMs: number,
): void {
  during("remove container's cgroup", () => {
    const path = identity.path.slice(1);
    const stat = kernel.statxOrErrno(root, path, AT_SYMLINK_NOFOLLOW);
    if (typeof stat === 'string' && stat !== 'ENOENT') throw failure(root, path, 'statx', stat);
    const isOurs = typeof stat !== 'string' && (identity.inode === 0 || Number(stat.ino) === identity.inode);
    if (isOurs) removeTree(kernel, root, identity, timeoutMs);
    for (const parent of identity.createdParents) {
      // Not empty (EBUSY): somebody else uses it now, and so it stays, with all above it.
      if (kernel.unlinkatOrErrno(root, parent.slice(1), AT_REMOVEDIR) === 'EBUSY') break;
    }
  });
}

function removeTree(kernel: Kernel, root: Fd<'cgroup'>, identity: CgroupIdentity, timeoutMs: number): void {
  const path = identity.path.slice(1);
  if (removed(kernel, root, path)) return;
  const opened = openDirectory(kernel, root, path);
  if (typeof opened === 'string') {
    if (opened === 'ENOENT') return;
    throw failure(root, path, 'openat2', opened);
  }
  try {
    if (!waitCgroupEmpty(kernel, opened, timeoutMs)) {
      if (identity.inode === 0) return;
      throw stillPopulated(kernel, opened, root, path);
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      removeChildren(kernel, opened);
      if (removed(kernel, root, path)) return;
    }
  } finally {
    kernel.close(opened);
  }
  throw failure(root, path, 'unlinkat', 'EBUSY');
}

/** A directory of this file system cannot be moved. */
function removeChildren(kernel: Kernel, cgroup: Fd<'cgroup'>): void {
  emptyTree(kernel, cgroup, {
    emptyUpTo: (directory) => openFirstBusy(kernel, directory),
    openParent: (directory) => openParent(kernel, directory),
    remove: (directory, name) => {
      // Something came into it again: the next round's business.
      const errno = kernel.unlinkatOrErrno(directory, name, AT_REMOVEDIR);
      return errno === undefined || errno === 'ENOENT';
    },
  });
}

/** Removes the children of one directory up to the first that has children itself, and opens that one. */
function openFirstBusy(
  kernel: Kernel,
  dir: Fd<'cgroup'>,
): { readonly name: string; readonly fd: Fd<'cgroup'> } | undefined {
  for (const name of readChildren(kernel, dir)) {
    if (kernel.unlinkatOrErrno(dir, name, AT_REMOVEDIR) === undefined) continue;
    const fd = openDirectory(kernel, dir, name);
    if (typeof fd !== 'string') return { name, fd };
  }
  return undefined;
}

/** False when it is busy: processes or sub-cgroups. */
function removed(kernel: Kernel, root: Fd<'cgroup'>, path: string): boolean {
  const errno = kernel.unlinkatOrErrno(root, path, AT_REMOVEDIR);
  if (errno === undefined || errno === 'ENOENT') return true;
  if (errno === 'EBUSY') return false;
  throw failure(root, path, 'unlinkat', errno);
}

function stillPopulated(kernel: Kernel, cgroup: Fd<'cgroup'>, root: Fd<'cgroup'>, path: string): RuntimeError {
  const pids = readCgroupProcesses(kernel, cgroup);
  return failure(root, path, 'unlinkat', 'EBUSY').with({
    message: `${pids.length} process(es) still in it: ${pids.slice(0, 8).join(' ')}`,
    hint: 'a process in uninterruptible sleep (state D) ends only when what it waits for does; delete again later',
  });
}

function failure(root: Fd<'cgroup'>, path: string, syscall: string, errno: string): RuntimeError {
  return new RuntimeError({ kind: 'kernel', path: `${root.path}/${path}`, syscall, errno });
}
