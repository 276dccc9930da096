/**
 * The start: the tree's propagation, and the bundle's directory as a mount of its own, which pivot_root needs. It is attached
 * over itself, not elsewhere, because hooks that enter the mount namespace look for it at the path of the configuration.
 * [spec config.md#root] [spec config-linux.md#rootfs-mount-propagation] [man mount_namespaces.7, pivot_root.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY, O_NOFOLLOW } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  AT_SYMLINK_NOFOLLOW,
  MOVE_MOUNT_F_EMPTY_PATH,
  MS_PRIVATE,
  MS_SLAVE,
  O_PATH,
  OPEN_TREE_CLONE,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { openSource } from './apply-attach.ts';
import { isDirectory } from './file-type.ts';
import type { RootfsState } from './rootfs-state.ts';
import type { RootfsStep } from './rootfs-step.ts';

type Step<Kind extends RootfsStep['kind']> = Extract<RootfsStep, { kind: Kind }>;

/** [order] before the first mount: nothing of the container may propagate to the host. */
export function applyTreePropagation(kernel: Kernel, step: Step<'setTreePropagation'>): void {
  const { propagation } = step;
  kernel.mountSetattr(cwdFd, '/', step.recursive ? AT_RECURSIVE : 0, { set: 0, clear: 0, propagation });
}

export function applyMountRoot(kernel: Kernel, step: Step<'mountRoot'>, state: RootfsState): void {
  if (step.parentPrivate) makeParentPrivate(kernel, step.path);
  const tree = step.source.kind === 'open' ? cloneRoot(kernel, step.path) : openSource(kernel, step.source, state);
  const stat = kernel.fstat(tree);
  if (!isDirectory(stat)) throw notDirectory(step.path);
  if (step.source.kind === 'inherited') {
    // The parent made it among the host's mounts, so it is in their peer groups.
    const flags = AT_EMPTY_PATH | AT_RECURSIVE;
    kernel.mountSetattr(tree, '', flags, { set: 0, clear: 0, propagation: MS_SLAVE });
  }
  attachRoot(kernel, tree, step.path);
  state.root = tree;
  state.rootMountId = stat.mountId;
  state.mounts.set('/', tree);
}

/** A link as root is refused, as by runc: what it leads to could change between the checks and now. */
function cloneRoot(kernel: Kernel, path: string): Fd<'root'> {
  const flags = OPEN_TREE_CLONE | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW;
  return kernel.openTree<'host' | 'root'>(cwdFd as Fd<'host' | 'root'>, path, flags) as Fd<'root'>;
}

function notDirectory(path: string): RuntimeError {
  return new RuntimeError({
    kind: 'spec',
    pointer: '/root/path',
    path,
    message: 'must be a directory, not a link or file',
  });
}

/** In a user namespace the way to the bundle may be closed to the container's root: then any place will do, and "/" is one. */
function attachRoot(kernel: Kernel, tree: Fd, path: string): void {
  const errno = kernel.moveMountOrErrno(tree, '', cwdFd, path, MOVE_MOUNT_F_EMPTY_PATH);
  if (errno === undefined) return;
  if (errno !== 'EACCES') throw new RuntimeError({ kind: 'kernel', path, syscall: 'move_mount', errno });
  kernel.moveMount(tree, '', cwdFd, '/', MOVE_MOUNT_F_EMPTY_PATH);
}

/**
 * pivot_root refuses a new root on a shared mount, and the bind of the root would propagate to the host. Which mount holds the
 * directory is found by walking up: mount_setattr says EINVAL for a directory that is not the top of a mount.
 */
function makeParentPrivate(kernel: Kernel, path: string): void {
  let directory: Fd<'host'> = kernel.openat2(cwdFd, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0, 0);
  try {
    for (;;) {
      if (tryPrivate(kernel, directory)) return;
      const above = kernel.openat2(directory, '..', O_PATH | O_DIRECTORY, 0, 0);
      kernel.close(directory);
      directory = above;
    }
  } finally {
    kernel.close(directory);
  }
}

function tryPrivate(kernel: Kernel, directory: Fd): boolean {
  try {
    kernel.mountSetattr(directory, '', AT_EMPTY_PATH, { set: 0, clear: 0, propagation: MS_PRIVATE });
    return true;
  } catch (error) {
    // "/" is always the top of a mount, so the walk ends.
    if (error instanceof RuntimeError && error.fields.errno === 'EINVAL' && directory.path !== '/') return false;
    throw error;
  }
}

/** Without a mount namespace the directory itself is the root. */
export function applyOpenRoot(kernel: Kernel, step: Step<'openRoot'>, state: RootfsState): void {
  const flags = O_PATH | O_DIRECTORY | O_NOFOLLOW;
  const root = kernel.openat2<'host' | 'root'>(cwdFd as Fd<'host' | 'root'>, step.path, flags, 0, 0) as Fd<'root'>;
  state.root = root;
  state.mounts.set('/', root);
}
