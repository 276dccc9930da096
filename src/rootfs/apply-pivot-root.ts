/**
 * Makes the container's root the root: pivot_root(".", "."), then the old one is detached, and what "/" is now is compared
 * with what was meant. Also chroot for a container without a mount namespace.
 * [man pivot_root.2] [man umount.2] [spec runtime.md#lifecycle]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import { O_DIRECTORY } from '../kernel/architecture-flags.ts';
import { cwdFd } from '../kernel/fd.ts';
import { AT_EMPTY_PATH, AT_RECURSIVE, MNT_DETACH, MS_SLAVE, O_PATH } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';

import { type RootfsState, rootOf } from './rootfs-state.ts';

/** detachAsSlave: the old tree is shared with the host, where an unmount must not arrive. */
export function applyPivotRoot(kernel: Kernel, detachAsSlave: boolean, state: RootfsState): void {
  const oldRoot = detachAsSlave ? kernel.openat2(cwdFd, '/', O_PATH | O_DIRECTORY, 0, 0) : undefined;
  kernel.fchdir(rootOf(state));
  kernel.pivotRoot();
  if (oldRoot !== undefined) {
    const flags = AT_EMPTY_PATH | AT_RECURSIVE;
    kernel.mountSetattr(oldRoot, '', flags, { set: 0, clear: 0, propagation: MS_SLAVE });
    kernel.close(oldRoot);
  }
  // The old root now lies on top of the new one at ".", so this takes the old one away.
  kernel.umount(MNT_DETACH);
  verifyRoot(kernel, state);
}

/** [order] after the working directory is the new root, or getcwd would still see the host. */
export function applyChroot(kernel: Kernel, state: RootfsState): void {
  kernel.fchdir(rootOf(state));
  kernel.chroot();
}

export function verifyRoot(kernel: Kernel, state: RootfsState): void {
  const { mountId } = kernel.statx(cwdFd, '/', 0);
  if (mountId === state.rootMountId) return;
  throw new RuntimeError({
    kind: 'bug',
    path: '/',
    message: `the root is mount ${mountId} after the switch, and should be ${state.rootMountId}`,
  });
}
