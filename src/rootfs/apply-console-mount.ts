import type { Fd } from '../kernel/fd.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RootfsState } from './rootfs-state.ts';

/** The multiplexer of the container's own devpts, verified; the caller closes it. */
export function openPtmx(_kernel: Kernel, _state: RootfsState): Fd<'root'> {
  throw new Error('being written');
}

/** Binds the slave (any descriptor of it) on /dev/console. [order] before pivotRoot or after, but before masked paths. */
export function bindConsole(_kernel: Kernel, _slave: Fd, _state: RootfsState): void {
  throw new Error('being written');
}
