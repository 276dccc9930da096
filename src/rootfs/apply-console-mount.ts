/**
 * Puts the terminal on /dev/console, by descriptor on both sides, so that nothing in the image can stand in for it. The
 * pseudo-terminal itself is made by the console domain, from state.mounts.get('/dev/pts').
 * [spec config.md#process] [CVE-2025-52565]
 */
import { RuntimeError } from '../base/runtime-error.ts';
import type { Fd } from '../kernel/fd.ts';
import { AT_EMPTY_PATH, MOVE_MOUNT_F_EMPTY_PATH, OPEN_TREE_CLONE } from '../kernel/flags.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { directoryOf } from './apply-device.ts';
import { makeEmptyFile } from './open-in-root.ts';
import type { RootfsState } from './rootfs-state.ts';
import type { Target } from './rootfs-step.ts';

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
