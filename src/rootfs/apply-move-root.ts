/**
 * --no-pivot: for hosts whose root is the initial ramfs, which pivot_root cannot leave. The root is moved over "/" and entered by
 * chroot. The old tree stays reachable for the kernel, so every full procfs and sysfs of the host is taken away first: otherwise
 * the kernel would let the container mount unmasked ones in a user namespace.
 * [man mount_namespaces.7] [man chroot.2]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { cwdFd } from '../kernel/fd.ts';
import { AT_EMPTY_PATH, AT_RECURSIVE, MNT_DETACH, MOVE_MOUNT_F_EMPTY_PATH, MS_SLAVE, O_PATH } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

import { createFileSystem } from './apply-mount.ts';
import { verifyRoot } from './apply-pivot-root.ts';
import { findFullKernelMounts } from './parse-full-kernel-mounts.ts';
import { readMountinfo } from './read-mountinfo.ts';
import { type RootfsState, rootOf } from './rootfs-state.ts';

/** path: of the root directory on the host. */
export function applyMoveRoot(kernel: Kernel, path: string, state: RootfsState): void {
  for (const mountPoint of findFullKernelMounts(readMountinfo(kernel), path)) hideMount(kernel, mountPoint);
  const root = rootOf(state);
  kernel.moveMount(root, '', cwdFd, '/', MOVE_MOUNT_F_EMPTY_PATH);
  kernel.fchdir(root);
  kernel.chroot();
  verifyRoot(kernel, state);
}

function hideMount(kernel: Kernel, mountPoint: string): void {
  const mount = kernel.openat2OrErrno(cwdFd, mountPoint, O_PATH, 0, 0);
  // Gone together with a mount above it.
  if (mount === 'ENOENT') return;
  if (typeof mount === 'string') {
    throw new RuntimeError({ kind: 'kernel', path: mountPoint, syscall: 'openat2', errno: mount });
  }
  kernel.mountSetattr(mount, '', AT_EMPTY_PATH | AT_RECURSIVE, { set: 0, clear: 0, propagation: MS_SLAVE });
  kernel.fchdir(mount);
  try {
    kernel.umount(MNT_DETACH);
  } catch (error) {
    const errno = error instanceof RuntimeError ? error.fields.errno : undefined;
    // Locked in a user namespace: it cannot be taken away, but it can be covered.
    if (errno !== 'EINVAL' && errno !== 'EPERM') throw error;
    const cover = createFileSystem(kernel, 'tmpfs', [], 0);
    kernel.moveMount(cover, '', cwdFd, mountPoint, MOVE_MOUNT_F_EMPTY_PATH);
    kernel.close(cover);
  }
  kernel.close(mount);
}
