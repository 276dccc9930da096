/**
 * The terminal's two places in the container: the multiplexer of its own devpts, and /dev/console. Both by descriptor, so that
 * nothing in the image can stand in for them. The pseudo-terminal itself is made elsewhere, from what openPtmx gives.
 * [spec config.md#process] [man pts.4] [CVE-2025-52565]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import {
  AT_EMPTY_PATH,
  DEVPTS_SUPER_MAGIC,
  MOVE_MOUNT_F_EMPTY_PATH,
  O_RDWR,
  OPEN_TREE_CLONE,
  RESOLVE_BENEATH,
  RESOLVE_NO_SYMLINKS,
  RESOLVE_NO_XDEV,
  S_IFCHR,
  S_IFMT,
} from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { directoryOf } from './apply-device.ts';
import { makeEmptyFile } from './open-in-root.ts';
import type { RootfsState } from './rootfs-state.ts';
import type { Target } from './rootfs-step.ts';

/** fs/devpts/inode.c gives the multiplexer of each instance inode 2. */
const ptmxInode = 2;

/** The devpts mounted at /dev/pts, proven to be one. */
export function devptsOf(kernel: Kernel, state: RootfsState): Fd<'root'> {
  const devpts = state.mounts.get('/dev/pts');
  if (devpts !== undefined && kernel.fstatfs(devpts) === DEVPTS_SUPER_MAGIC) return devpts;
  throw new RuntimeError({
    kind: 'spec',
    operation: 'make a terminal for the container',
    pointer: '/process/terminal',
    message: devpts === undefined ? 'nothing is mounted at /dev/pts' : 'the mount at /dev/pts is not a devpts',
    hint: 'add {"destination": "/dev/pts", "type": "devpts", "source": "devpts"} to /mounts',
  });
}

/** The multiplexer of the container's own devpts, verified; the caller closes it. */
export function openPtmx(kernel: Kernel, state: RootfsState): Fd<'root'> {
  const resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV;
  const ptmx = kernel.openat2(devptsOf(kernel, state), 'ptmx', O_RDWR, 0, resolve);
  const { mode, ino, rdevMajor, rdevMinor } = kernel.fstat(ptmx);
  if ((mode & S_IFMT) === S_IFCHR && ino === ptmxInode && rdevMajor === 5 && rdevMinor === 2) return ptmx;
  kernel.close(ptmx);
  throw new RuntimeError({
    kind: 'spec',
    operation: 'make a terminal for the container',
    path: '/dev/pts/ptmx',
    message: 'is not the terminal multiplexer',
  });
}

const consoleTarget: Target = { path: '/dev/console', parent: '/dev', name: 'console', missing: false };

/**
 * Binds the slave (any descriptor of it) on /dev/console. A link of that name in the image is covered, not followed.
 * [order] before pivotRoot, so that createContainer hooks see it, and after /dev/pts is attached.
 */
export function bindConsole(kernel: Kernel, slave: Fd, state: RootfsState): void {
  try {
    const directory = directoryOf(kernel, consoleTarget, state);
    makeEmptyFile(kernel, directory, consoleTarget.name);
    const copy = kernel.openTree(slave, '', OPEN_TREE_CLONE | AT_EMPTY_PATH);
    kernel.moveMount(copy, '', directory, consoleTarget.name, MOVE_MOUNT_F_EMPTY_PATH);
    kernel.close(copy);
  } catch (error) {
    throw error instanceof RuntimeError ? error.within('bind the terminal on /dev/console') : error;
  }
}
