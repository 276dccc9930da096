/**
 * Puts a finished, detached mount where it belongs: one move_mount from descriptor to descriptor (rule B4). Nothing is looked
 * up again afterwards; the mount's own descriptor stays in the state.
 * [man move_mount.2] [CVE-2019-19921] [CVE-2021-30465]
 */
import { assert } from '../base/assert.ts';
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd, type Fd } from '../kernel/fd.ts';
import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  AT_SYMLINK_NOFOLLOW,
  MOVE_MOUNT_F_EMPTY_PATH,
  MOVE_MOUNT_T_EMPTY_PATH,
  OPEN_TREE_CLONE,
  PROC_SUPER_MAGIC,
  RESOLVE_NO_SYMLINKS,
  STATX_ATTR_MOUNT_ROOT,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { isDirectory } from './file-type.ts';
import { makeDirectoryAt, openInRootOrErrno, openOrMakeDirectory, openOrMakeMountPoint } from './open-in-root.ts';
import { parentMount, type RootfsState, rootOf } from './rootfs-state.ts';
import type { MountBindStep, MountFileSystemStep, PropagationChange, Target, TreeSource } from './rootfs-step.ts';

/** A detached copy of the tree, or the one that the parent has made. From here on it leads into the container. */
export function openSource(kernel: Kernel, source: TreeSource, state: RootfsState): Fd<'root'> {
  if (source.kind === 'inherited') {
    const tree = state.sources[source.index];
    assert(tree !== undefined, `no tree was handed over for ${source.hostPath}`);
    return tree;
  }
  return openHostTree(kernel, source.hostPath, source.recursive, source.keepLink);
}

/** The one place where a host path becomes a tree of the container; links are followed (the last only without keepLink). */
export function openHostTree(kernel: Kernel, hostPath: string, recursive: boolean, keepLink = false): Fd<'root'> {
  const flags = OPEN_TREE_CLONE | (recursive ? AT_RECURSIVE : 0) | (keepLink ? AT_SYMLINK_NOFOLLOW : 0);
  return kernel.openTree<'host' | 'root'>(cwdFd as Fd<'host' | 'root'>, hostPath, flags) as Fd<'root'>;
}

export function changePropagation(kernel: Kernel, tree: Fd, changes: readonly PropagationChange[]): void {
  for (const { propagation, recursive } of changes) {
    const flags = recursive ? AT_EMPTY_PATH | AT_RECURSIVE : AT_EMPTY_PATH;
    kernel.mountSetattr(tree, '', flags, { set: 0, clear: 0, propagation });
  }
}

/** A new file system: its root is a directory, so the target must be one; it is created if missing. */
export function attachFileSystem(kernel: Kernel, step: MountFileSystemStep, tree: Fd, state: RootfsState): void {
  const { target } = step;
  const parent = parentMount(state, target);
  if (parent !== undefined && attachBelow(kernel, tree, parent, target)) return;
  const root = rootOf(state);
  if (!step.ordinaryDirectory) {
    const directory = openOrMakeDirectory(kernel, root, target.path, 0);
    refuseRoot(kernel, directory, target.path, state);
    if (target.path !== '/proc') refuseInsideProc(kernel, directory, target.path);
    attach(kernel, tree, directory);
    return;
  }
  const opened = openInRootOrErrno(kernel, root, target.path, O_DIRECTORY, RESOLVE_NO_SYMLINKS);
  if (opened === 'ELOOP' || opened === 'ENOTDIR') throw notOrdinary(step);
  attach(
    kernel,
    tree,
    typeof opened === 'string' ? openOrMakeDirectory(kernel, root, target.path, RESOLVE_NO_SYMLINKS) : opened,
  );
}

/** An image or another container with the same volume could make /proc lead elsewhere. [CVE-2019-19921] [CVE-2023-27561] */
function notOrdinary(step: MountFileSystemStep): RuntimeError {
  return new RuntimeError({
    kind: 'spec',
    path: step.target.path,
    message: `must be an ordinary directory to mount ${step.fsType} on it`,
    hint: 'in the image it, or a directory above it, is a symbolic link or a file',
  });
}

/**
 * The cheap way: (mount of ours, last component). It needs no descriptor of the target, and is as safe as one, because a last
 * component that is a symbolic link is not followed: the kernel then refuses (a directory does not fit on a link), false is
 * returned, and the general way decides.
 */
function attachBelow(kernel: Kernel, tree: Fd, parent: Fd, target: Target): boolean {
  // A tmpfs that we have just made is empty, and in a mount namespace that only we can see: mkdir needs no look before it.
  if (target.missing) makeDirectoryAt(kernel, parent, target.name);
  let errno = kernel.moveMountOrErrno(tree, '', parent, target.name, MOVE_MOUNT_F_EMPTY_PATH);
  if (errno === 'ENOENT' && !target.name.includes('/')) {
    makeDirectoryAt(kernel, parent, target.name);
    errno = kernel.moveMountOrErrno(tree, '', parent, target.name, MOVE_MOUNT_F_EMPTY_PATH);
  }
  return errno === undefined;
}

/** A bind mount's target is a directory or a file, as its source. */
export function attachBind(kernel: Kernel, step: MountBindStep, tree: Fd, state: RootfsState): void {
  const { path } = step.target;
  const keepLink = step.links?.keepTarget === true;
  const target = openOrMakeMountPoint(kernel, rootOf(state), path, () => isDirectory(kernel.fstat(tree)), keepLink);
  refuseRoot(kernel, target, path, state);
  if (!step.insideProc) refuseInsideProc(kernel, target, path);
  try {
    attach(kernel, tree, target);
  } catch (error) {
    throw error instanceof RuntimeError ? explainMismatch(kernel, error, tree, step) : error;
  }
}

/** Closes the target. */
export function attach(kernel: Kernel, tree: Fd, target: Fd): void {
  const errno = kernel.moveMountOrErrno(tree, '', target, '', MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
  const { path } = target;
  kernel.close(target);
  if (errno !== undefined) throw new RuntimeError({ kind: 'kernel', path, syscall: 'move_mount', errno });
}

function explainMismatch(kernel: Kernel, error: RuntimeError, tree: Fd, step: MountBindStep): RuntimeError {
  const { errno } = error.fields;
  if (errno !== 'EINVAL' && errno !== 'ENOTDIR') return error;
  const [source, other] = isDirectory(kernel.fstat(tree)) ? ['a directory', 'is not'] : ['no directory', 'is one'];
  return error.with({ hint: `${step.source.hostPath} is ${source}: perhaps ${step.target.path} ${other}` });
}

/** A link in the image can lead to "/" too: a mount over the root would be seen by nobody, and hide nothing. */
function refuseRoot(kernel: Kernel, target: Fd, path: string, state: RootfsState): void {
  const { mountId, attributes } = kernel.fstat(target);
  if (mountId !== state.rootMountId || (attributes & STATX_ATTR_MOUNT_ROOT) === 0) return;
  kernel.close(target);
  throw new RuntimeError({
    kind: 'spec',
    path,
    message: 'leads to the root itself, which must not be covered',
    hint: 'a component of the destination is a symbolic link in the image',
  });
}

/**
 * The list of mounts was checked for destinations inside /proc, but a link in the image can lead there as well: what is mounted
 * over /proc/self/attr or /proc/sys would swallow what is written there. [CVE-2019-16884] [CVE-2025-52881]
 */
function refuseInsideProc(kernel: Kernel, target: Fd, path: string): void {
  if (kernel.fstatfs(target) !== PROC_SUPER_MAGIC) return;
  kernel.close(target);
  throw new RuntimeError({
    kind: 'spec',
    path,
    message: 'leads into /proc, where nothing may be mounted',
    hint: 'a component of the destination is a symbolic link in the image',
  });
}
