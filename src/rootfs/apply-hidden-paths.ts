/**
 * Masked and read-only paths. A masked file gets a copy of the host's verified /dev/null, a masked directory a copy of one
 * empty read-only tmpfs; a read-only path gets a read-only copy of itself. All of it by descriptor.
 * Looks at one runtime fact: whether the path is there, and is a directory.
 * [order] after pivot_root and sysctl. [spec config-linux.md#masked-paths] [man open_tree.2] [CVE-2025-31133]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  AT_SYMLINK_NOFOLLOW,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MOVE_MOUNT_F_EMPTY_PATH,
  OPEN_TREE_CLONE,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { attach, openSource } from './apply-attach.ts';
import { requireDevice } from './apply-device.ts';
import { createFileSystem } from './apply-mount.ts';
import { isDirectory, isLink } from './file-type.ts';
import { openInRootOrErrno } from './open-in-root.ts';
import { nullDevice } from './plan-devices.ts';
import { contextOf } from './plan-mounts.ts';
import { parentMount, type RootfsState, rootOf } from './rootfs-state.ts';
import type { FsParameter, RootfsStep } from './rootfs-step.ts';

type Step<Kind extends RootfsStep['kind']> = Extract<RootfsStep, { kind: Kind }>;

const parameter = (key: string, value: string | null): FsParameter => ({
  key,
  value,
  option: -1,
  optional: false,
});

/** One inode is the directory itself: nothing can be made in it even if someone manages to make it writable. */
const maskParameters: readonly FsParameter[] = [
  parameter('source', 'tmpfs'),
  parameter('nr_inodes', '1'),
  parameter('mode', '755'),
  parameter('ro', null),
];
const maskAttributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/**
 * [order] before pivot_root: the host's /dev/null is out of reach afterwards. Read-only, or chmod of a masked path in the
 * container would change the mode of the host's /dev/null; a device on a read-only mount can be written all the same.
 */
export function applyTakeNull(kernel: Kernel, step: Step<'takeNull'>, state: RootfsState): void {
  const cover = openSource(kernel, step.source, state);
  requireDevice(kernel, cover, nullDevice);
  const set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  kernel.mountSetattr(cover, '', AT_EMPTY_PATH, { set, clear: 0, propagation: 0 });
  state.maskFile = cover;
}

export function applyMaskPath(kernel: Kernel, step: Step<'maskPath'>, state: RootfsState): void {
  const { target } = step;
  const parent = parentMount(state, target);
  if (parent !== undefined) {
    const stat = kernel.statxOrErrno(parent, target.name, AT_SYMLINK_NOFOLLOW);
    if (stat === 'ENOENT') return;
    // A link is looked up in the general way, where it leads to something inside the root.
    if (typeof stat !== 'string' && !isLink(stat)) {
      const cover = nextCover(kernel, state, isDirectory(stat), step.label);
      kernel.moveMount(cover.fd, '', parent, target.name, MOVE_MOUNT_F_EMPTY_PATH);
      keepOrClose(kernel, state, cover);
      return;
    }
  }
  const place = openExisting(kernel, state, target.path);
  if (place === undefined) return;
  const cover = nextCover(kernel, state, isDirectory(kernel.fstat(place)), step.label);
  attach(kernel, cover.fd, place);
  keepOrClose(kernel, state, cover);
}

interface Cover {
  readonly fd: Fd<'root'>;
  readonly isDirectory: boolean;
  readonly isFirst: boolean;
}

/**
 * The first cover of each kind is attached itself and copied for the others: kernels before 6.15 copy only mounts that are
 * attached in the caller's namespace.
 */
function nextCover(kernel: Kernel, state: RootfsState, directory: boolean, label: string | undefined): Cover {
  const first = directory ? state.maskDirectory : state.maskFile;
  if (first !== undefined && (directory || state.maskFileAttached)) {
    const fd = kernel.openTree(first, '', OPEN_TREE_CLONE | AT_EMPTY_PATH);
    return { fd, isDirectory: directory, isFirst: false };
  }
  if (directory) {
    const parameters = label === undefined ? maskParameters : [...maskParameters, contextOf(label)];
    const fd = createFileSystem(kernel, 'tmpfs', parameters, maskAttributes);
    return { fd, isDirectory: true, isFirst: true };
  }
  if (first === undefined) throw new RuntimeError({ kind: 'bug', message: 'a file is masked before takeNull' });
  return { fd: first, isDirectory: false, isFirst: true };
}

function keepOrClose(kernel: Kernel, state: RootfsState, cover: Cover): void {
  if (!cover.isFirst) kernel.close(cover.fd);
  else if (cover.isDirectory) state.maskDirectory = cover.fd;
  else state.maskFileAttached = true;
}

/** undefined: nothing is there, which is no error: there is nothing to hide. */
function openExisting(kernel: Kernel, state: RootfsState, path: string): Fd<'root'> | undefined {
  const opened = openInRootOrErrno(kernel, rootOf(state), path, 0, 0);
  if (typeof opened !== 'string') return opened;
  if (opened === 'ENOENT' || opened === 'ENOTDIR') return undefined;
  throw new RuntimeError({ kind: 'kernel', path, syscall: 'openat2', errno: opened });
}

/** A copy of the path's own tree, so that mounts below stay; only the top becomes read-only, as with runc. */
export function applyReadonlyPath(kernel: Kernel, step: Step<'readonlyPath'>, state: RootfsState): void {
  const { target } = step;
  const parent = parentMount(state, target);
  if (parent !== undefined) {
    const flags = OPEN_TREE_CLONE | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW;
    const copy = kernel.openTreeOrErrno(parent, target.name, flags);
    if (copy === 'ENOENT') return;
    if (typeof copy !== 'string') {
      makeReadonly(kernel, copy);
      const errno = kernel.moveMountOrErrno(copy, '', parent, target.name, MOVE_MOUNT_F_EMPTY_PATH);
      kernel.close(copy);
      // A link cannot be mounted: it is looked up in the general way.
      if (errno === undefined) return;
    }
  }
  const place = openExisting(kernel, state, target.path);
  if (place === undefined) return;
  const copy = kernel.openTree(place, '', OPEN_TREE_CLONE | AT_RECURSIVE | AT_EMPTY_PATH);
  makeReadonly(kernel, copy);
  attach(kernel, copy, place);
  kernel.close(copy);
}

/** Only sets: flags that are locked in a user namespace stay. */
export function makeReadonly(kernel: Kernel, mount: Fd): void {
  kernel.mountSetattr(mount, '', AT_EMPTY_PATH, { set: MOUNT_ATTR_RDONLY, clear: 0, propagation: 0 });
}
